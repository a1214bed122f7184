"""The recordings that the box has, had and erased: found, listed, held, erased."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from recorder.contract.faults import refused
from recorder.store import erasing, listing, recordings, retention
from recorder.store.listing import Filter
from recorder.store.recordings import LIVE, Recording
from recorder.store.retention import Ages, Cap, Doomed, Unmet, Verdict
from recorder.store.store import Store
from recorder.writers import erasing as files

log = logging.getLogger(__name__)


class Catalogue:
    """The store's recordings, and their files when they are to go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.changed: Callable[[], None] = lambda: None  # called when somebody held, released or erased one

    async def find(self, recording_id: str) -> Recording | None:
        """The recording of that id, erased or not."""
        return await self._store.run(partial(recordings.get, recording_id=recording_id))

    async def page(
        self, wanted: Filter, *, before: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[Recording]:
        """As listing.page."""
        return await self._store.run(partial(listing.page, wanted=wanted, before=before, after=after, limit=limit))

    async def erase(self, recording_id: str, why: str) -> None:
        """Erase audio, sidecar, parameters and metadata. Raises Refused: 404 unknown or erased, 409 while it lives."""
        found = await self.find(recording_id)
        if found is None or found.erased_at is not None:
            raise refused(404, "not_found", "id", "there is no recording of this id")
        if found.state in LIVE:
            raise refused(409, "conflict", "id", "the recording lives: stop it first")
        if not await self._store.run(partial(erasing.erase, recording_id=recording_id, at=time.time(), why=why)):
            raise refused(409, "conflict", "id", "the recording is held: release it first")
        log.info("recording %s: erased, %s", recording_id, why)
        await self._erase_files([found])
        self.changed()

    async def hold(self, recording_id: str, *, held: bool) -> Recording:
        """Protect a recording from erasure, or no longer; it may live still. Raises Refused: 404 unknown or erased."""
        at = time.time() if held else None
        if not await self._store.run(partial(recordings.hold, recording_id=recording_id, at=at)):
            raise refused(404, "not_found", "id", "there is no recording of this id")
        log.info("recording %s: %s", recording_id, "held" if held else "released")
        self.changed()
        found = await self.find(recording_id)
        assert found is not None
        return found

    async def retain(
        self, ages: Ages, caps: Sequence[Cap], *, now: float, missing_bytes: int, limit: int
    ) -> tuple[Sequence[Doomed], Sequence[Unmet]]:
        """Erase what these bounds say, `limit` at most; what that was, and the bounds that can't be met."""

        def judge_and_erase(connection: sqlite3.Connection) -> Verdict:
            verdict = retention.judge(connection, ages, caps, now=now, missing_bytes=missing_bytes, limit=limit)
            retention.erase(connection, verdict, now)
            return verdict

        verdict = await self._store.run(judge_and_erase)
        for each in verdict.doomed:
            log.info("recording %s: erased, retention: %s", each.recording_id, each.why)
        await self._erase_files(verdict.doomed)
        return verdict.doomed, verdict.unmet

    async def finish_erasing(self) -> None:
        """At the start: delete what a kill left standing of recordings that were erased."""
        await self._erase_files(await self._store.run(erasing.unfinished))

    async def _erase_files(self, erased: Sequence[Recording | Doomed]) -> None:
        """A file that can't be deleted is logged, and tried again at the next start."""
        places = {Path(each.path): each.recording_id for each in erased if each.path is not None}
        faults = await asyncio.to_thread(files.erase_all, places)
        for fault in faults.values():
            log.error("erasing: %s", fault)
        gone = [recording_id for place, recording_id in places.items() if place not in faults]

        def let_go(connection: sqlite3.Connection) -> None:
            for recording_id in gone:
                erasing.files_are_gone(connection, recording_id)

        if gone:
            await self._store.run(let_go)
