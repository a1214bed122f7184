"""The SHA-256 of every recording's file, worked out when the box has nothing better to do."""

import asyncio
import hashlib
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from recorder.store import recordings
from recorder.store.store import Store
from recorder.writers.part import open_to_read

log = logging.getLogger(__name__)

REST_S = 20.0  # when there is nothing to do, or the box is busy
ROUND_S = 600.0  # after which files that could not be read are tried again
BATCH = 50
BLOCK_BYTES = 1 << 20
BUSY_LOAD = 0.75  # of the CPUs, over the last minute


class Hashing:
    """Fills in `sha256` in the catalogue. A kill costs the file under way; the rest is in the database."""

    def __init__(self, store: Store, is_busy: Callable[[], bool]) -> None:
        self._store = store
        self._is_busy = is_busy
        self._stopping = threading.Event()
        self._behind = ""  # ids up to here have been looked at in this round

    async def run(self) -> None:
        """Look for files without a hash; never returns."""
        loop = asyncio.get_running_loop()
        executor = ThreadPoolExecutor(1, "hashing", initializer=become_idle)
        round_began = loop.time()
        try:
            while True:
                if loop.time() - round_began > ROUND_S:
                    self._behind, round_began = "", loop.time()
                if self._is_busy() or not await self._batch(executor):
                    await asyncio.sleep(REST_S)
        finally:
            self._stopping.set()
            executor.shutdown(wait=False, cancel_futures=True)

    async def _batch(self, executor: ThreadPoolExecutor) -> bool:
        """Hash the next few; False: there were none."""
        work = partial(recordings.unhashed, behind=self._behind, limit=BATCH)
        found = await self._store.run(work)
        for recording_id, path in found:
            if self._is_busy():
                return False
            digest = await asyncio.get_running_loop().run_in_executor(executor, self._digest, Path(path))
            if digest is not None:
                done = partial(recordings.set_hash, recording_id=recording_id, sha256=digest)
                await self._store.run(done)
            self._behind = recording_id
        return bool(found)

    def _digest(self, path: Path) -> str | None:
        """The file's hash; None: it can't be read, or the service is being stopped."""
        whole = hashlib.sha256()
        try:
            with open_to_read(path, buffering=0) as file:
                while block := file.read(BLOCK_BYTES):
                    if self._stopping.is_set():
                        return None
                    whole.update(block)
                # What was read for this alone must not push out what others need.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        except OSError as error:
            log.debug("hashing: %s: %s", path, error.strerror)
            return None
        return whole.hexdigest()


def become_idle() -> None:
    """Let this thread run only when nobody else wants to."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def has_load() -> bool:
    """Whether the box is busy, by the load of the last minute."""
    return os.getloadavg()[0] > BUSY_LOAD * (os.cpu_count() or 1)
