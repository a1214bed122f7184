"""What reaches a line from outside its audio, stamped in its own time.

A line is a function of its audio and of these. Each is journalled before it is acknowledged and numbered per line, so
that a restarted service applies the same ones at the same frames and arrives at the same files and events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from recorder.recording.inputs import BeepFailed, Input, PauseAsked, ResumeAsked, StopAsked

Kind = Literal[
    "call_begin",  # what Call.load reads, but for begin_frame; of the live call: new metadata
    "call_end",
    "call_over",  # a made-up call lost its last recording
    "start",  # order, plan, first_frame (None: behind a beep), by_voice, refused (why it can't begin, else "")
    "stop",  # recording_id
    "pause",  # recording_id, behavior
    "resume",  # recording_id
    "digit",  # digit
    "beep_started",  # frames: how long one of our tones sounds from `frame` on
    "beep_ended",  # recording_id
    "beep_failed",  # recording_id, message
    "grace_expired",  # no audio for device_grace; frame is the end of the last real audio
]


@dataclass(frozen=True, slots=True)
class LineInput:
    """One input: `frame` by the line's clock, `body` JSON, `number` 1, 2, 3 ... per line."""

    kind: Kind
    frame: int
    number: int
    body: Mapping[str, Any] = field(default_factory=dict)


def asked(entry: LineInput) -> Input:
    """What one recording's machine is told by an input of the line."""
    match entry.kind:
        case "stop":
            return StopAsked(entry.frame)
        case "pause":
            return PauseAsked(entry.frame, entry.body["behavior"])
        case "resume":
            return ResumeAsked(entry.frame)
        case "beep_failed":
            return BeepFailed(entry.body["message"])
        case _:
            raise ValueError(f"no recording takes {entry.kind}")
