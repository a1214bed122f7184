"""The payload of calling.call.record events: one object per change of a recording, the same on every transport."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from recorder.contract.ids import event_id
from recorder.contract.parameters import Direction, Format

State: TypeAlias = Literal["recording", "paused", "finished", "no_input", "error"]
EndReason: TypeAlias = Literal[
    "terminator",
    "end_silence",
    "initial_timeout",
    "max_length",
    "stop_command",
    "call_ended",
    "shutdown",
    "interrupted",
    "device_lost",
    "disk_full",
    "write_error",
    "start_failed",
]

ENDED: frozenset[str] = frozenset({"finished", "no_input", "error"})
MOST_GAPS = 100  # listed one by one; the count and the sum are of all
MOST_MESSAGE = 500  # characters; keeps every event far below 64 KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFacts:
    """What is fixed from a recording's start. `url` None: the file can't be fetched (the one-shot command).

    `document_run` is the id of the SWML run that the recording belongs to, if one does.
    """

    node_id: str
    line: str
    project_id: str
    space_id: str
    call_id: str
    control_id: str
    recording_id: str
    url: str | None
    format: Format
    direction: Direction
    stereo: bool
    document_run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is known once a recording has ended. Times in Unix seconds, `gaps` as (start, duration) in file seconds.

    `kept` is false where no file stands; then `size` is 0, and `duration` is of what was listened to. `message` tells
    of an error what happened; `gap_count` and `gap_seconds` are of all gaps, `gaps` may be the first of them.
    """

    end_reason: EndReason
    duration: float
    size: int
    start_time: float
    end_time: float
    kept: bool = True
    digit: str | None = None
    gaps: Sequence[tuple[float, float]] = ()
    gap_count: int = 0
    gap_seconds: float = 0.0
    recovered: bool = False
    message: str = ""


def record_event(
    facts: RecordingFacts,
    *,
    seq: int,
    state: State,
    timestamp: float,
    clock_synced: bool,
    pause_behavior: Literal["skip", "silence"] | None = None,
    ending: Ending | None = None,
) -> dict[str, Any]:
    """The event of one change; `timestamp` is the wall clock now, in Unix seconds. No field is ever null.

    Raises ValueError when the ending or the pause's behavior is missing where the state needs one, or is given where
    it must not be.
    """
    if (ending is not None) != (state in ENDED) or (pause_behavior is not None) != (state == "paused"):
        raise ValueError(f"an ending belongs to an ended state and a pause_behavior to paused, not to {state}")
    params: dict[str, Any] = {
        "call_id": facts.call_id,
        "node_id": facts.node_id,
        "line": facts.line,
        "control_id": facts.control_id,
        "recording_id": facts.recording_id,
        "state": state,
        "timestamp": timestamp,
        "clock_synced": clock_synced,
    }
    if facts.url is not None and (ending is None or ending.kept):
        params["url"] = facts.url
    if pause_behavior is not None:
        params["pause_behavior"] = pause_behavior
    if ending is not None:
        params |= _end(facts, state, ending)
    run = facts.document_run
    return {
        "event_type": "calling.call.record",
        "event_channel": f"recorder:{facts.node_id}/{facts.line}" if run is None else f"swml:{run}",
        "event_id": event_id(facts.recording_id, seq),
        "seq": seq,
        "timestamp": timestamp,
        "project_id": facts.project_id,
        "space_id": facts.space_id,
        "params": params,
    }


def event_bytes(event: dict[str, Any]) -> bytes:
    """The event as it goes out on every transport: compact JSON, UTF-8."""
    return json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _end(facts: RecordingFacts, state: State, ending: Ending) -> dict[str, Any]:
    size = ending.size if ending.kept else 0
    audio = {"format": facts.format, "direction": facts.direction, "stereo": facts.stereo}
    record: dict[str, Any] = {"duration": ending.duration, "size": size, "format": facts.format, "audio": audio}
    if facts.url is not None and ending.kept:
        record = {"url": facts.url, **record}
    end: dict[str, Any] = {
        "record": record,
        "duration": ending.duration,
        "size": size,
        "start_time": ending.start_time,
        "end_time": ending.end_time,
        "end_reason": ending.end_reason,
        "gaps": [{"start": start, "duration": duration} for start, duration in ending.gaps[:MOST_GAPS]],
        "gap_count": ending.gap_count,
        "gap_seconds": ending.gap_seconds,
        "degraded": ending.gap_count > 0,
        "recovered": ending.recovered,
    }
    if ending.end_reason == "terminator" and ending.digit is not None:
        end["digit"] = ending.digit
    if state == "error":
        message = "".join(c if c.isprintable() else " " for c in ending.message[:MOST_MESSAGE])
        end["error"] = {"code": ending.end_reason, "message": message}
    return end
