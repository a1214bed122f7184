"""What is to be done to one file, in order: small appends gather before, and long ones are done in pieces."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile, joined
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


@dataclass(slots=True)
class Barrier:
    """Tell that all before it has been done, in all the backlogs in which it stands."""

    remaining: int  # of them
    passed: Callable[[], object]


Task = OpenFile | AppendFrames | AppendSilence | CloseFile | TrackSecond | Seal | Check | GiveUp | Barrier


class Gathering:
    """Audio for one file, until there is enough of it to be worth waking a thread. Not thread-safe."""

    def __init__(self, enough_frames: int) -> None:
        self._enough_frames = enough_frames
        self._frames = 0
        self._file_end = -1
        self._end: int | None = -1  # of the line's frames; None: it is silence

    def __bool__(self) -> bool:
        return self._frames > 0

    def put(self, task: Task) -> tuple[Task, ...]:
        """Take a task, and give those that are to be done now: before any but audio comes what has gathered."""
        if isinstance(task, AppendFrames) and task.first == self._end and task.file_frame == self._file_end:
            self._end += task.frames
        elif not (isinstance(task, AppendSilence) and self._end is None and task.file_frame == self._file_end):
            return self._begin(task)
        self._file_end += task.frames
        self._frames += task.frames
        return () if self._frames < self._enough_frames else self._taken()

    def _begin(self, task: Task) -> tuple[Task, ...]:
        """Go on with what is no more of the same."""
        before = self._taken()
        if not isinstance(task, AppendFrames | AppendSilence):
            return (*before, task)
        self._frames = task.frames
        self._file_end = task.file_frame + task.frames
        self._end = task.first + task.frames if isinstance(task, AppendFrames) else None
        return before if self._frames < self._enough_frames else before + self._taken()

    def _taken(self) -> tuple[Task, ...]:
        frames, self._frames = self._frames, 0
        if not frames:
            return ()
        if self._end is None:
            return (AppendSilence(self._file_end - frames, frames),)
        return (AppendFrames(self._file_end - frames, self._end - frames, frames),)


class Backlog:
    """The tasks of one file at a rate, first in, first out; audio that follows on audio is one. Not thread-safe."""

    def __init__(self, rate: int) -> None:
        self._piece_frames = rate * PIECE_S
        self._tasks: deque[Task] = deque()

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def put(self, task: Task) -> None:
        """Add a task."""
        both = joined(self._tasks[-1], task) if self._tasks else None
        if both is None:
            self._tasks.append(task)
        else:
            self._tasks[-1] = both

    def take(self) -> Task:
        """Remove the first task, or a piece of it. IndexError: there is none."""
        task = self._tasks.popleft()
        if not isinstance(task, AppendFrames) or task.frames <= self._piece_frames:
            return task
        frames = self._piece_frames
        self._tasks.appendleft(AppendFrames(task.file_frame + frames, task.first + frames, task.frames - frames))
        return AppendFrames(task.file_frame, task.first, frames)
