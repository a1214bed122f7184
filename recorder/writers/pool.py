"""The writers' threads: each recording's tasks strictly in order, many recordings side by side, off the event loop.

    pool = WriterPool(report)                         # report(Opened | Lost | Failed | Closed | Sealed), in the loop
    pool.add(recording_id, WavWriter(...), source, Mixing(...))
    pool.perform(recording_id, OpenFile())
    pool.perform(recording_id, AppendFrames(file_frame=0, first=1000, frames=160))
    await pool.flushed([recording_id])                # all of that is with the operating system: checkpoint
    pool.perform(recording_id, CloseFile(frames=160, keep=True))      # -> Closed
    pool.seal(recording_id, sidecar(...))                             # -> Sealed, and the pool forgets it

A recording in the pool holds numbers, no audio: the frames are read from the source when they are written. A disk that
stalls holds the threads that wait for it, and audio waits in the ring; past the ring it is lost, and told.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.backlog import Backlog, Barrier, Check, GiveUp, Seal, Task
from recorder.writers.reports import Report
from recorder.writers.scribe import Scribe
from recorder.writers.source import Mixing, Source
from recorder.writers.tracker import Tracker, TrackSecond
from recorder.writers.writer import Writer


@dataclass(slots=True)
class _Lane:
    """One recording: what waits, and who does it. `claimed`: it is in the queue of the ready or on a thread."""

    scribe: Scribe
    backlog: Backlog
    claimed: bool = False


class WriterPool:
    """Threads that write the files of many recordings. Its methods belong to the event loop in which it was made."""

    def __init__(self, report: Callable[[Report], None], *, threads: int = 2) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()  # guards the lanes
        self._lanes: dict[str, _Lane] = {}
        self._ready: SimpleQueue[_Lane | None] = SimpleQueue()  # None: no more will come
        self._threads = [threading.Thread(target=self._live, name=f"writer-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def add(
        self,
        recording_id: str,
        writer: Writer,
        source: Source,
        mixing: Mixing,
        tracker: Tracker | None = None,
        *,
        resume: bool = False,
    ) -> None:
        """Take on a recording. A recording that is picked up is added with a writer that resumes, and opened again.

        `resume`: it does; of a file that it can't go on with what was left is kept.

        ValueError: it is here already.
        """
        scribe = Scribe(recording_id, writer, source, mixing, self._tell, tracker, resume=resume)
        with self._lock:
            if recording_id in self._lanes:
                raise ValueError(f"recording {recording_id} is written already")
            self._lanes[recording_id] = _Lane(scribe, Backlog(writer.rate, writer.gather_s))

    def perform(
        self, recording_id: str, action: OpenFile | AppendFrames | AppendSilence | TrackSecond | CloseFile
    ) -> None:
        """Have it done after all that was asked before. KeyError: the recording is not here, or is over."""
        self._put(recording_id, action)

    def seal(self, recording_id: str, sidecar: Mapping[str, Any] | None = None, *, replace: bool = True) -> None:
        """After Closed with a path: write the sidecar, give the file its final name, forget the recording.

        `replace=False`: another file of that name is left as it is, and the recording stays a part, as a fault.
        """
        self._put(recording_id, Seal(sidecar, replace))

    async def flushed(self, recording_ids: Iterable[str] | None = None) -> None:
        """Return when all that was asked so far, of these recordings or of all, is with the operating system.

        What failed has been reported by then; recordings that are over are passed over.
        """
        done = self._loop.create_future()
        with self._lock:
            names = self._lanes if recording_ids is None else recording_ids
            busy = [lane for name in names if (lane := self._lanes.get(name)) and (lane.backlog or lane.claimed)]
            remaining = len(busy)

            def passed() -> None:
                nonlocal remaining
                with self._lock:
                    remaining -= 1
                    last = remaining == 0
                if last:
                    self._loop.call_soon_threadsafe(_finish, done)

            for lane in busy:
                lane.backlog.put(Barrier(passed))
                self._claim(lane)
        if busy:
            await done

    def growing(self) -> list[Path]:
        """Give the files that grow now. Any thread."""
        with self._lock:
            return [lane.scribe.writer.part for lane in self._lanes.values() if lane.scribe.growing]

    def check(self, parts: Iterable[Path]) -> None:
        """See of each of these growing files whether it came to the disk; one that did not has Failed. Any thread."""
        wanted = set(parts)
        with self._lock:
            for lane in self._lanes.values():
                if lane.scribe.writer.part in wanted:
                    lane.backlog.put(Check())
                    self._claim(lane)

    def give_up(self, message: str) -> None:
        """Let every growing file end as it is: it has Failed, as disk_full."""
        with self._lock:
            for lane in self._lanes.values():
                if lane.scribe.growing:
                    lane.backlog.put(GiveUp(message))
                    self._claim(lane)

    async def close(self, timeout_s: float = 10.0) -> None:
        """Do what was asked, then end the threads. TimeoutError: a disk hangs; they end with the process."""
        async with asyncio.timeout(timeout_s):
            await self.flushed()
        for _ in self._threads:
            self._ready.put(None)

    def _put(self, recording_id: str, task: Task) -> None:
        with self._lock:
            lane = self._lanes[recording_id]
            lane.backlog.put(task)
            self._claim(lane)

    def _claim(self, lane: _Lane) -> None:
        """Queue the lane for a thread if it has work and is not with one. The lock is held."""
        if not lane.claimed and lane.backlog.due:
            lane.claimed = True
            self._ready.put(lane)

    def _live(self) -> None:
        while (lane := self._ready.get()) is not None:
            self._do(lane)
            while self._goes_on(lane):
                self._do(lane)

    def _do(self, lane: _Lane) -> None:
        """Do a task of that lane, or a piece of one."""
        with self._lock:
            task = lane.backlog.take()
        if isinstance(task, Barrier):
            task.passed()
        else:
            lane.scribe.perform(task)

    def _goes_on(self, lane: _Lane) -> bool:
        """Whether its thread keeps the lane. Where others wait it queues behind them: all take turns."""
        with self._lock:
            if lane.backlog.due and self._ready.empty():
                return True
            lane.claimed = False
            if lane.backlog:
                self._claim(lane)
            elif lane.scribe.over:
                del self._lanes[lane.scribe.recording_id]
            return False

    def _tell(self, report: Report) -> None:
        self._loop.call_soon_threadsafe(self._report, report)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():  # whoever waited may have been cancelled
        done.set_result(None)
