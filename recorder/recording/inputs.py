"""What a machine is given: things that happened, each at a frame of the line."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from recorder.contract.commands import PauseBehavior


class IllegalInput(ValueError):
    """An input that can't be at this point; the machine is as it was before. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class AudioJudged:
    """Every voice change, digit (less `Plan.lead`) and gap below frame `to` has been given. Only this decides."""

    to: int


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """From `frame` on there is speech in the recorded direction. Starts and ends take turns; at first there is none."""

    frame: int


@dataclass(frozen=True, slots=True)
class VoiceEnded:
    """From `frame` on there is no speech."""

    frame: int


@dataclass(frozen=True, slots=True)
class DigitHeard:
    """A tone on the line, first heard at `frame`. May be told of before the recording began (see presses.py)."""

    digit: str
    frame: int


@dataclass(frozen=True, slots=True)
class DigitSent:
    """A digit that the SIP side sent out of band; it arrived at `frame`."""

    digit: str
    frame: int


@dataclass(frozen=True, slots=True)
class GapFound:
    """No audio reached us in `frames` frames from `start` on. Told in order, each before the audio behind it."""

    start: int
    frames: int


@dataclass(frozen=True, slots=True)
class BeepEnded:
    """The beep is over: `frame` is the file's first. May be told ahead of time, or late: nothing has been decided."""

    frame: int


@dataclass(frozen=True, slots=True)
class BeepFailed:
    """The beep could not be played, or was not over in time."""

    message: str


@dataclass(frozen=True, slots=True)
class StartRefused:
    """It was told to begin, and can't: what it needs is not there."""

    message: str


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """`skip` leaves the frames from `frame` on out of the file, `silence` keeps them as silence."""

    frame: int
    behavior: PauseBehavior = "skip"


@dataclass(frozen=True, slots=True)
class ResumeAsked:
    """From `frame` on the line is recorded again."""

    frame: int


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The file ends before `frame`."""

    frame: int


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call is over: the file ends before `frame`."""

    frame: int


@dataclass(frozen=True, slots=True)
class InputEnded:
    """A file input came to its end: `frame` is the first that it does not have, and everything before is judged."""

    frame: int


@dataclass(frozen=True, slots=True)
class GraceExpired:
    """No audio came for device_grace: `frame` follows the last real one, and everything before it is judged."""

    frame: int


@dataclass(frozen=True, slots=True)
class AudioMissed:
    """The writer came too late for `frames` frames of the file from `file_frame` on, and wrote silence."""

    file_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class WriterFailed:
    """The file can't grow, or can't be closed: it holds its first `frames` frames, intact."""

    reason: Literal["disk_full", "write_error"]
    message: str
    frames: int


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Picked up after the ring had overwritten what came next: the file on disk has `frames` frames, and stays so.

    They may be more than the machine knows of, which was saved earlier; so may the states `told` by then.
    """

    reason: Literal["shutdown", "interrupted"]
    frames: int
    told: int = 0


Input: TypeAlias = (
    AudioJudged
    | VoiceStarted
    | VoiceEnded
    | DigitHeard
    | DigitSent
    | GapFound
    | BeepEnded
    | BeepFailed
    | StartRefused
    | PauseAsked
    | ResumeAsked
    | StopAsked
    | CallEnded
    | InputEnded
    | GraceExpired
    | AudioMissed
    | WriterFailed
    | Abandoned
)
Waiting: TypeAlias = (
    VoiceStarted | VoiceEnded | DigitHeard | DigitSent | GapFound | PauseAsked | ResumeAsked | StopAsked | CallEnded
)
