"""The box as retained topics and the API show it."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from recorder import __version__
from recorder._dsp import RingReader
from recorder.bridge.lookout import facts_of, troubles_of
from recorder.contract.limits import RATES, WRITABLE
from recorder.line.line import Line
from recorder.line.live import LiveRecording


class Disk(Protocol):
    """The room for recordings."""

    @property
    def fault(self) -> str | None:
        """Why no recording may begin, as last looked at."""

    def picture(self) -> Mapping[str, Any]:
        """`free_bytes`, `free_hours` of recording at the present rate, and `fault` where there is one."""


def info(node_id: str, instance: str, lines: Mapping[str, Line]) -> dict[str, Any]:
    """What the box is. `instance` is this installation's, whatever its node_id."""
    return {
        "version": __version__,
        "node_id": node_id,
        "instance": instance,
        "lines": {line.id: ability(line) for line in lines.values()},
        "formats": list(WRITABLE),
        "rates": list(RATES),
    }


def ability(line: Line) -> dict[str, Any]:
    """What a line can do; its rate and channels while it has audio."""
    can = {"playback": line.settings.limits.playback}
    if line.source is None:
        return can
    return {"rate": line.source.rate, "channels": line.source.channels, **can}


def state(line: Line) -> dict[str, Any]:
    """What goes on on a line. No metadata and no url: a retained topic is read by anybody, at any time."""
    call = line.call
    return {
        "line": line.id,
        "call": None if call is None else {"call_id": call.call_id, "since": call.since},
        "recordings": [_recording(live) for live in line.live()],
    }


def _recording(live: LiveRecording) -> dict[str, Any]:
    facts = live.order.facts
    return {
        "control_id": facts.control_id,
        "recording_id": facts.recording_id,
        "state": live.state,
        "since": live.since,
        "format": facts.format,
        "direction": facts.direction,
        "stereo": facts.stereo,
    }


def health(lines: Iterable[Line], disk: Disk) -> dict[str, Any]:
    """How the box is: per line the frames of its clock, gaps since the service took it up, level of the last second."""
    return {
        "lines": {line.id: _line_health(line) for line in lines},
        "disk": dict(disk.picture()),
    }


def _line_health(line: Line) -> dict[str, Any]:
    told = {
        "up": line.is_up,
        "frames": 0 if line.source is None else line.source.head,
        "gaps": line.reception.gaps,
        "gap_frames": line.reception.gap_frames,
        "level": levels_dbfs(line),
        "troubles": [facts_of(trouble) for trouble in troubles_of(line)],
    }
    drift = drift_ppm(line)
    return {**told, **ring(line), **({} if drift is None else {"drift_ppm": round(drift, 1)})}


def levels_dbfs(line: Line) -> dict[str, float]:
    """The loudest 10 ms of the last second, by party; nothing of a line that has no audio."""
    return line.reception.levels_dbfs() if line.is_up else {}


def ring(line: Line) -> dict[str, float]:
    """How long the line's ring is, and how much of that is not heard yet; nothing without a ring."""
    source = line.source
    if not isinstance(source, RingReader):
        return {}
    behind = max(0, source.head - line.judged)
    return {"ring_seconds": source.capacity / source.rate, "behind_seconds": round(behind / source.rate, 3)}


def drift_ppm(line: Line) -> float | None:
    """How much faster than the system's clock the line's device counts; None: not measured, or it has no clock."""
    return line.source.drift_ppm if isinstance(line.source, RingReader) else None
