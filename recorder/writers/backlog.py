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
        self._tasks: deque[Task] = deque()
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
        if isinstance(task, AppendFrames | AppendSilence):
            self._audio_frames += task.frames
        else:
            self._pressing += 1
        whole = joined(self._tasks[-1], task) if self._tasks else None
        if whole is None:
            self._tasks.append(task)
        else:
            self._tasks[-1] = whole

    def take(self) -> Task:
        """Remove the first task, or a piece of it. IndexError: there is none."""
        task = self._tasks.popleft()
        if not isinstance(task, AppendFrames | AppendSilence):
            self._pressing -= 1
            return task
        if isinstance(task, AppendFrames) and task.frames > self._piece_frames:
            self._tasks.appendleft(_without(task, self._piece_frames))
            task = AppendFrames(task.file_frame, task.first, self._piece_frames)
        self._audio_frames -= task.frames
        return task


def joined(last: Task, new: Task) -> Task | None:
    """Give both as one task, None if the second is not more of the first."""
    if isinstance(last, AppendFrames) and isinstance(new, AppendFrames):
        frames = last.frames
        if new.file_frame == last.file_frame + frames and new.first == last.first + frames:
            return AppendFrames(last.file_frame, last.first, frames + new.frames)
        return None
    if not isinstance(last, AppendSilence) or not isinstance(new, AppendSilence):
        return None
    if new.file_frame != last.file_frame + last.frames:
        return None
    return AppendSilence(last.file_frame, last.frames + new.frames)


def _without(task: AppendFrames, frames: int) -> AppendFrames:
    return AppendFrames(task.file_frame + frames, task.first + frames, task.frames - frames)
