"""The recordings that the box has, had and erased: found, listed, erased."""

import asyncio
import logging
import time
from functools import partial
from pathlib import Path

from recorder.contract.faults import refused
from recorder.store import erasing, listing, recordings
from recorder.store.listing import Filter
from recorder.store.recordings import LIVE, Recording
from recorder.store.store import Store
from recorder.writers import erasing as files
from recorder.writers.errors import WriteError

log = logging.getLogger(__name__)


class Catalogue:
    """The store's recordings, and their files when they are to go."""

    def __init__(self, store: Store) -> None:
        self._store = store

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
        await self._store.run(partial(erasing.erase, recording_id=recording_id, at=time.time(), why=why))
        log.info("recording %s: erased, %s", recording_id, why)
        await self._erase_files(found)

    async def finish_erasing(self) -> None:
        """At the start: delete what a kill left standing of recordings that were erased."""
        for left in await self._store.run(erasing.unfinished):
            await self._erase_files(left)

    async def _erase_files(self, erased: Recording) -> None:
        """A file that can't be deleted is logged, and tried again at the next start."""
        try:
            if erased.path is not None:
                await asyncio.to_thread(files.erase, Path(erased.path))
        except WriteError as error:
            log.error("recording %s: %s", erased.recording_id, error)  # noqa: TRY400 # because the message says all
        else:
            await self._store.run(partial(erasing.files_are_gone, recording_id=erased.recording_id))
