"""Configured lines as the capture process wants them."""

from contextlib import suppress
from dataclasses import replace

from recorder.capture.filelines import fits
from recorder.capture.spec import LineSpec, Plan
from recorder.capture.wavfile import WavFault, WavSource
from recorder.config.model import Config, LineConfig


def capture_plan(config: Config) -> Plan:
    """All that `recorder capture` works on."""
    lines = tuple(map(spec_of, config.lines.values()))
    return Plan(lines, str(config.runtime_dir), config.ring_seconds, config.log_level.upper())


def with_header(line: LineConfig) -> LineConfig:
    """A file line with the rate and channels of its file. Raises WavFault when they are set otherwise, OSError."""
    if not line.is_file:
        return line
    with WavSource(line.device.removeprefix("file:")) as wav:
        found = replace(line, rate=line.rate or wav.rate, channels=line.channels or wav.channels)
        fits(_spec(found), wav)
        return found


def spec_of(line: LineConfig) -> LineSpec:
    """What capture is told. A file that can't be played stays as configured: capture tries again, and says why."""
    with suppress(WavFault, OSError):
        return _spec(with_header(line))
    return _spec(line)


def _spec(line: LineConfig) -> LineSpec:
    return LineSpec(
        id=line.id,
        device=line.device,
        rate=line.rate or 0,
        channels=line.channels or 0,
        speak=line.speak,
        listen=line.listen_channel(line.channels or 0),
        playback=line.playback,
        latency_s=line.latency,
        block_frames=line.block,
        loop=line.loop,
    )
