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
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.backlog import Backlog, Barrier, Check, Gathering, GiveUp, Seal, Task
from recorder.writers.reports import Report
from recorder.writers.scribe import Scribe
from recorder.writers.source import Mixing, Source
from recorder.writers.tracker import Tracker, TrackSecond
from recorder.writers.writer import Writer


@dataclass(slots=True)
class _Lane:
    """One recording: what waits, and who does it. `claimed`: it is queued for a thread, or with one."""

    scribe: Scribe
    gathering: Gathering  # the loop's alone
    backlog: Backlog
    claimed: bool = False


class _Hand:
    """A thread of the pool, the lane for which its bell is rung, and what it tells before it waits for that."""

    def __init__(self) -> None:
        self.lane: _Lane | None = None
        self.bell = threading.Lock()
        self.bell.acquire()
        self.passed: Callable[[], object] | None = None

    def tell(self) -> None:
        """Tell it, once."""
        if self.passed is not None:
            self.passed()
            self.passed = None


class WriterPool:
    """Threads that write the files of many recordings. Its methods belong to the event loop in which it was made."""

    def __init__(self, report: Callable[[Report], None], *, threads: int = 2) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()  # guards the lanes
        self._lanes: dict[str, _Lane] = {}
        self._ready: deque[_Lane] = deque()  # that have work, and wait for a thread
        self._idle: list[_Hand] = []  # the last to have worked is the first to be called: its caches are warm
        self._closing = False
        self.has_flushed = threading.Event()  # set by each flush, cleared by whom it concerns
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
            self._lanes[recording_id] = _Lane(
                scribe, Gathering(int(writer.rate * writer.gather_s)), Backlog(writer.rate)
            )

    def perform(
        self, recording_id: str, action: OpenFile | AppendFrames | AppendSilence | TrackSecond | CloseFile | Seal
    ) -> None:
        """Have it done after all that was asked before. KeyError: the recording is not here, or is over."""
        due = self._lanes[recording_id].gathering.put(action)
        if due:
            with self._lock:
                self._give(self._lanes[recording_id], *due)

    def seal(self, recording_id: str, sidecar: Mapping[str, Any] | None = None, *, replace: bool = True) -> None:
        """After Closed with a path: write the sidecar, give the file its final name, forget the recording.

        `replace=False`: another file of that name is left as it is, and the recording stays a part, as a fault.
        """
        self.perform(recording_id, Seal(sidecar, replace))

    async def flushed(self, recording_ids: Iterable[str] | None = None) -> None:
        """Return when all that was asked so far, of these recordings or of all, is with the operating system.

        What failed has been reported by then; recordings that are over are passed over.
        """
        done = self._loop.create_future()
        with self._lock:
            names = self._lanes if recording_ids is None else recording_ids
            lanes = [lane for name in names if (lane := self._lanes.get(name))]
            busy = [lane for lane in lanes if lane.gathering or lane.backlog or lane.claimed]
            barrier = Barrier(len(busy), partial(self._loop.call_soon_threadsafe, _finish, done))
            for lane in busy:
                self._give(lane, *lane.gathering.put(barrier))
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
                    self._give(lane, Check())

    def give_up(self, message: str) -> None:
        """Let every growing file end as it is: it has Failed, as disk_full."""
        with self._lock:
            for lane in self._lanes.values():
                if lane.scribe.growing:
                    self._give(lane, GiveUp(message))

    async def close(self, timeout_s: float = 10.0) -> None:
        """Do what was asked, then end the threads. TimeoutError: a disk hangs; they end with the process."""
        async with asyncio.timeout(timeout_s):
            await self.flushed()
        with self._lock:
            self._closing = True
            for hand in self._idle:
                hand.bell.release()
            self._idle.clear()

    def _give(self, lane: _Lane, *tasks: Task) -> None:
        """Have them done: by the thread that has the lane, or one that is idle, or the next. The lock is held."""
        for task in tasks:
            lane.backlog.put(task)
        if not lane.claimed:
            self._claim(lane)

    def _claim(self, lane: _Lane) -> None:
        lane.claimed = True
        if self._idle:
            hand = self._idle.pop()
            hand.lane = lane
            hand.bell.release()
        else:
            self._ready.append(lane)

    def _live(self) -> None:
        hand = _Hand()
        while (lane := self._next(hand)) is not None:
            while self._goes_on(lane, hand):
                hand.tell()

    def _next(self, hand: _Hand) -> _Lane | None:
        """Wait for a lane that has work; None: there will be none."""
        with self._lock:
            hand.lane = self._ready.popleft() if self._ready else None
            waits = hand.lane is None and not self._closing
            if waits:
                self._idle.append(hand)
        hand.tell()  # now that whom it wakes finds this thread idle, and its caches warm
        if waits:
            hand.bell.acquire()
        return hand.lane

    def _goes_on(self, lane: _Lane, hand: _Hand) -> bool:
        """Do a task of that lane, or a piece of one. Whether its thread keeps it: where others wait, all take turns."""
        with self._lock:
            task = lane.backlog.take()
            if isinstance(task, Barrier):
                keeps = self._keeps(lane)
                task.remaining -= 1
        if isinstance(task, Barrier):
            if not task.remaining:
                self.has_flushed.set()
                hand.passed = task.passed
            return keeps
        lane.scribe.perform(task)
        with self._lock:
            return self._keeps(lane)

    def _keeps(self, lane: _Lane) -> bool:
        """Whether the thread that has the lane goes on with it; it is free, or gone, if not. The lock is held."""
        if lane.backlog and not self._ready:
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
