"""One recording's file: what the machine asked for is done to it, and what came of it is told."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from recorder._dsp import Overtaken
from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers import formats
from recorder.writers.backlog import Check, GiveUp, Seal, Task
from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.reports import Closed, Failed, Lost, Opened, Report, Sealed
from recorder.writers.source import Mixing, Source
from recorder.writers.tracker import Tracker, TrackSecond
from recorder.writers.writer import Audio, Writer

log = logging.getLogger(__name__)


class Scribe:
    """Does a file's tasks, one at a time, on whatever thread. Raises nothing: a fault is reported, once.

    After a fault no audio is added; the file is still closed, at what it holds, and sealed.
    """

    def __init__(
        self,
        recording_id: str,
        writer: Writer,
        source: Source,
        mixing: Mixing,
        report: Callable[[Report], None],
        tracker: Tracker | None = None,
        *,
        resume: bool = False,
    ) -> None:
        """`resume`: a file that stands there is an earlier process's, and kept if it can't be gone on with."""
        self.recording_id = recording_id
        self.writer = writer
        self.growing = False  # between open and close
        self.over = False  # nothing is left to do
        self._source = source
        self._mixing = mixing
        self._report = report
        self._tracker = tracker
        self._failed = False
        self._most_frames = sys.maxsize  # that the file shall have, once that is known
        self._gone = False  # by a fault that left nothing of the file
        self._resume = resume
        self._left: Audio | None = None  # what stands of a file that can't be gone on with

    def perform(self, task: Task) -> None:
        """Do one task."""
        match task:
            case OpenFile():
                self._attempt(self._open)
            case AppendFrames():
                self._attempt(lambda: self._append(task.file_frame, task.first, task.frames))
            case AppendSilence():
                self._attempt(lambda: self.writer.silence(task.file_frame, task.frames))
            case Check():
                self._attempt(self._check)
            case GiveUp():
                if self.growing and not self._failed:
                    self._fail(WriteError("disk_full", task.message))
            case TrackSecond() if self._tracker is not None and self.growing:
                self._tracker.write(task)
            case CloseFile():
                self._close(task.frames, keep=task.keep)
            case Seal():
                self._seal(task)

    def _attempt(self, step: Callable[[], object]) -> None:
        if not self._failed:
            self._despite_faults(step)

    def _despite_faults(self, step: Callable[[], object]) -> None:
        try:
            step()
        except WriteError as error:
            self._fail(error)
        except Exception as error:
            log.exception("recording %s: the writer failed", self.recording_id)
            self._fail(WriteError("write_error", f"{type(error).__name__}: {error}"))

    def _fail(self, error: WriteError) -> None:
        if self._failed:
            log.warning("recording %s: after its first fault: %s", self.recording_id, error)
            return
        self._failed, self._gone = True, error.gone
        frames = 0 if error.gone else min(self._frames, self._most_frames)
        self._report(Failed(self.recording_id, error.reason, str(error), frames))

    @property
    def _frames(self) -> int:
        return self.writer.frames if self._left is None else self._left.frames

    def _open(self) -> None:
        try:
            self.writer.open()
        except Exception:
            self._left = formats.left(self.writer.path) if self._resume else None
            raise
        self.growing = True
        self._report(Opened(self.recording_id, self.writer.path))

    def _append(self, file_frame: int, first: int, frames: int) -> None:
        while frames > 0:
            try:
                pcm = self._source.read(first, frames)
            except Overtaken as overtaken:
                gone = min(max(overtaken.oldest - first, 1), frames)
                self._lose(file_frame, gone)
                file_frame, first, frames = file_frame + gone, first + gone, frames - gone
            else:
                self.writer.append(file_frame, self._mixing.of(pcm))
                return

    def _lose(self, file_frame: int, frames: int) -> None:
        """Put silence where audio is gone, but where an earlier process had written it already."""
        start = max(file_frame, self.writer.frames)
        missing = file_frame + frames - start
        if missing > 0:
            self.writer.silence(start, missing)
            self._report(Lost(self.recording_id, start, missing))

    def _check(self) -> None:
        if self.growing:
            self.writer.sync()

    def _close(self, frames: int, *, keep: bool) -> None:
        self._most_frames = frames
        there = self.growing or self._left is not None
        kept = keep and there and self._is_worth_keeping
        if kept:
            self._despite_faults(lambda: self._end(frames))
            kept = self._is_worth_keeping
        if kept:
            self._closed(self._frames, self._size(), kept=True)
            return
        if there:
            self._despite_faults(self.writer.discard)
        self._closed(frames=0, size=0, kept=False)

    def _end(self, frames: int) -> None:
        if self._left is not None:
            self._left = formats.left(self.writer.path, frames) or self._left
        else:
            self.writer.close(min(frames, self.writer.frames) if self._failed else frames)

    @property
    def _is_worth_keeping(self) -> bool:
        """Whether there is anything: a fault before the first frame, or that took the file away, leaves nothing."""
        return not self._failed or (not self._gone and self._frames > 0)

    def _closed(self, frames: int, size: int, *, kept: bool) -> None:
        self.growing = False
        self.over = not kept
        if self._tracker is not None:
            if kept:
                self._tracker.close(frames)
            else:
                self._tracker.discard()
        self._report(Closed(self.recording_id, frames, size, self.writer.path if kept else None))

    def _seal(self, task: Seal) -> None:
        self._despite_faults(lambda: seal(self.writer.path, task.sidecar, replace=task.replace))
        self.over = True
        self._report(Sealed(self.recording_id, self._stands()))

    def _stands(self) -> Path:
        part = self.writer.part
        return part if os.path.lexists(part) else self.writer.path

    def _size(self) -> int:
        try:
            return self._stands().stat().st_size
        except OSError:
            return 0
