"""What a machine answers with: things to do, in this order."""

from dataclasses import dataclass
from typing import TypeAlias

from recorder.contract.commands import PauseBehavior
from recorder.recording.states import EndReason, State


@dataclass(frozen=True, slots=True)
class OpenFile:
    """Make the file. Comes with the first `AudioJudged`, ahead of all else; `CloseFile` follows some day."""


@dataclass(slots=True)  # not frozen, which makes it three times as dear: there is one each 20 ms
class AppendFrames:
    """At frame `file_frame` of the file, write `frames` frames of the line from `first` on; a replay says it again."""

    file_frame: int
    first: int
    frames: int


@dataclass(frozen=True, slots=True)
class AppendSilence:
    """At frame `file_frame` of the file, write `frames` frames of silence: a pause, or a gap."""

    file_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class SoundWarning:
    """Sound the warning tone, due at `frame` of the line. A replay gives it again: who is late leaves it out."""

    frame: int


@dataclass(frozen=True, slots=True)
class CutBeep:
    """Stop the beep that opens this recording."""


@dataclass(frozen=True, slots=True)
class CloseFile:
    """The file is complete with `frames` frames; throw it away unless `keep`."""

    frames: int
    keep: bool


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps in the file: (start, frames) of the first 100 in file frames; how many there are, and their frames."""

    first: tuple[tuple[int, int], ...] = ()
    count: int = 0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known once a recording has ended.

    `frames` is the duration: the frames in the file, or of a `no_input` file that is thrown away the time listened.
    `first_frame` is the line frame of the first frame in the file, `end_frame` the line frame behind its last; without
    a frame in it both are where it ended. `kept` says that there is a file.
    """

    reason: EndReason
    frames: int
    first_frame: int
    end_frame: int
    kept: bool
    gaps: Gaps = Gaps()
    digit: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class TellState:
    """The recording is in `state` since `frame` of the line; `seq` counts 0, 1, 2 ... per recording.

    A second one with the same `seq` takes the place of the first: the writer had news while it wrote or closed what
    the machine had ended already. So an end is published only once its file is closed.
    """

    seq: int
    state: State
    frame: int
    pause_behavior: PauseBehavior | None = None
    ending: Ending | None = None


Action: TypeAlias = OpenFile | AppendFrames | AppendSilence | SoundWarning | CutBeep | CloseFile | TellState


def joined(last: object, new: object) -> AppendFrames | AppendSilence | None:
    """Two appends as one; None if the second is not more of the first, or either is something else."""
    if isinstance(last, AppendFrames) and isinstance(new, AppendFrames):
        follows = (new.file_frame, new.first) == (last.file_frame + last.frames, last.first + last.frames)
        return AppendFrames(last.file_frame, last.first, last.frames + new.frames) if follows else None
    if isinstance(last, AppendSilence) and isinstance(new, AppendSilence):
        follows = new.file_frame == last.file_frame + last.frames
        return AppendSilence(last.file_frame, last.frames + new.frames) if follows else None
    return None
