"""What the devices gave is in the rings bit for bit, whatever the channels, rates and number of lines."""

from itertools import chain
from pathlib import Path

import pytest

from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, write_config
from tests.fixtures.pulse import PulseDaemon, Sink
from tests.noise import noise
from tests.system.capture import Capture, heard
from tests.system.stretches import Stretch, channels_of, stretches
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("busy")

SECONDS = 2


def lines_of(device: str, rate: int, channels: int) -> list[LineSpec]:
    """The device's lines: each two channels are one, a single channel is one with speak alone."""
    if channels == 1:
        return [LineSpec(device, f"alsa:{device}", rate, 1)]
    return [
        LineSpec(f"{device}-{speak // 2}", f"alsa:{device}", rate, channels, speak, speak + 1)
        for speak in range(0, channels, 2)
    ]


def source_of(line: LineSpec, device_source: bytes) -> bytes:
    return channels_of(device_source, line.channels, *line.channel_map)


def wait_and_hear(capture: Capture, line: LineSpec, frames: int) -> bytes:
    """The ring's content, once it has so many frames."""
    ring = capture.ring(line.id)
    until(lambda: ring.head >= frames, timeout=20, what=f"{frames} frames of {line.id}")
    assert ring.gaps() == []
    return heard(ring)


@pytest.mark.parametrize(
    ("rates", "channels"),
    [
        ([8000], 1),
        ([48000], 2),
        ([8000, 16000, 44100, 48000] * 2, 1),
        ([16000], 16),
        ([8000] * 16, 2),
        ([8000], 32),
    ],
    ids=["1-mono-8k", "1-stereo-48k", "8-devices-all-rates", "8-on-a-card", "16-devices-stereo", "16-on-a-card"],
)
def test_alsa_lines_are_in_their_rings_bit_for_bit(
    shm_path: Path, alsa_plugin: Path, rates: list[int], channels: int
) -> None:
    devices = [
        AlsaLine(shm_path, f"card{number}", noise(SECONDS * rate, channels, number), rate=rate, channels=channels)
        for number, rate in enumerate(rates)
    ]
    lines = {device: lines_of(device.name, device.rate, channels) for device in devices}
    config = write_config(shm_path, alsa_plugin, devices)
    with Capture(shm_path, list(chain(*lines.values())), config) as capture:
        for device in devices:
            for line in lines[device]:
                pcm = wait_and_hear(capture, line, (SECONDS + 1) * device.rate)
                source = source_of(line, device.file.read_bytes())
                assert stretches(pcm, source, len(line.channel_map)) == [Stretch(0, 0, SECONDS * device.rate)]
            assert (device.overruns, device.starts) == (0, 1)


@pytest.mark.parametrize(
    "sinks",
    [
        [Sink("line0", 8000, 1)],
        [Sink("line0", 48000, 2)],
        [Sink("line0", 16000, 16)],
        [Sink(f"line{number}", 8000, 2) for number in range(16)],
    ],
    ids=["1-mono-8k", "1-stereo-48k", "8-on-a-card", "16-devices-stereo"],
)
def test_pulseaudio_lines_are_in_their_rings_bit_for_bit(shm_path: Path, sinks: list[Sink]) -> None:
    sources = {sink: noise(sink.rate, sink.channels, seed) for seed, sink in enumerate(sinks)}
    lines = {sink: lines_of(sink.name, sink.rate, sink.channels) for sink in sinks}
    with (
        PulseDaemon(shm_path, sinks) as pulse,
        Capture(shm_path, list(chain(*lines.values())), pulse.write_config(shm_path)) as capture,
    ):
        until(lambda: all(pulse.is_heard(sink.name) for sink in sinks), timeout=20, what="a reader of each monitor")
        players = [pulse.play(sink.name, sources[sink]) for sink in sinks]
        assert [player.wait(20) for player in players] == [0] * len(sinks)
        heads = {line: capture.ring(line.id).head for line in chain(*lines.values())}
        for sink in sinks:
            for line in lines[sink]:
                pcm = wait_and_hear(capture, line, heads[line] + sink.rate)  # the daemon's own buffers are shorter
                assert source_of(line, sources[sink]) in pcm, f"{line.id} is not what was played"
