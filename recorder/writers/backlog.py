"""What waits to be done to one file, in order: small appends gather, long ones are done in pieces."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.tracker import TrackSecond

PIECE_S = 1  # and never more than 1 s of audio in one, so that one that catches up does not hold up the others


@dataclass(frozen=True, slots=True)
class Seal:
    """Write the sidecar and give the closed file its final name."""

    sidecar: Mapping[str, Any] | None
    replace: bool = True  # whatever stands there


@dataclass(frozen=True, slots=True)
class Check:
    """See whether what was written came to the disk."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Write no more audio: the disk must keep its last room for other things."""

    message: str


@dataclass(frozen=True, slots=True)
class Barrier:
    """Tell that all before it has been done."""

    passed: Callable[[], None]


Task = OpenFile | AppendFrames | AppendSilence | CloseFile | TrackSecond | Seal | Check | GiveUp | Barrier


class Backlog:
    """The tasks of one file at a rate, first in, first out, so much audio in each. Not thread-safe."""

    def __init__(self, rate: int, gather_s: float) -> None:
        self._gather_frames = int(rate * gather_s)
        self._piece_frames = rate * PIECE_S
        self._tasks: deque[Task | _Run] = deque()
        self._audio_frames = 0
        self._pressing = 0  # tasks that are no audio

    def __bool__(self) -> bool:
        return bool(self._tasks)

    @property
    def due(self) -> bool:
        """Whether there is something to be done now: any task but audio that still gathers."""
        return self._pressing > 0 or self._audio_frames >= self._gather_frames

    def put(self, task: Task) -> None:
        """Add a task; audio that follows on audio becomes one task with it."""
        if not isinstance(task, AppendFrames | AppendSilence):
            self._pressing += 1
            self._tasks.append(task)
            return
        frames, first = task.frames, task.first if isinstance(task, AppendFrames) else None
        self._audio_frames += frames
        last = self._tasks[-1] if self._tasks else None
        if isinstance(last, _Run) and last.leads_to(task.file_frame, first):
            last.frames += frames
        else:
            self._tasks.append(_Run(task.file_frame, first, frames))

    def take(self) -> Task:
        """Remove the first task, or a piece of it. IndexError: there is none."""
        task = self._tasks[0]
        if not isinstance(task, _Run):
            self._pressing -= 1
            self._tasks.popleft()
            return task
        whole = task.first is None or task.frames <= self._piece_frames
        frames = task.frames if whole else self._piece_frames
        self._audio_frames -= frames
        taken = task.cut(frames)
        if whole:
            self._tasks.popleft()
        return taken


@dataclass(slots=True)
class _Run:
    """Audio that follows on audio, or silence (`first` is None) on silence."""

    file_frame: int
    first: int | None
    frames: int

    def leads_to(self, file_frame: int, first: int | None) -> bool:
        """Whether what begins there is more of it."""
        if file_frame != self.file_frame + self.frames:
            return False
        return first is None if self.first is None else first == self.first + self.frames

    def cut(self, frames: int) -> AppendFrames | AppendSilence:
        """Take so many frames from its beginning."""
        at, first = self.file_frame, self.first
        self.file_frame += frames
        self.frames -= frames
        if first is None:
            return AppendSilence(at, frames)
        self.first = first + frames
        return AppendFrames(at, first, frames)
