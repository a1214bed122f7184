"""What the service does at its start with a disk that a power cut left: the same calls, without lines and doors."""

import asyncio
import json
import logging
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.delivery import Outbox
from recorder.service.journal import StoreJournal
from recorder.service.leftovers import close_leftovers
from recorder.service.serve import take_stopped
from recorder.store.store import Store


@dataclass(frozen=True)
class Stands:
    """What a disk holds once the service has started on it."""

    files: dict[str, bytes]  # below recordings, by their path there
    recordings: dict[str, dict[str, Any]]
    events: list[dict[str, Any]]  # in the order of their cursors
    commands: dict[str, dict[str, Any]]  # the answers remembered
    calls: list[dict[str, Any]]
    published: list[dict[str, Any]]
    complaints: list[str]

    @cached_property
    def beside(self) -> dict[str, dict[str, bytes]]:
        """By recording_id, and then by suffix: what stands of it below recordings."""
        found: dict[str, dict[str, bytes]] = {}
        for name, content in self.files.items():
            path = Path(name)
            found.setdefault(path.stem, {})[path.suffix[1:]] = content
        return found

    @property
    def lasting(self) -> object:
        """What a second start must not change."""
        return self.files, self.recordings, self.events, self.commands, self.calls


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


def start_on(root: Path) -> Stands:
    """Start on the disk that stands at `root`, with its state and recordings."""
    complaints = _Complaints()
    log = logging.getLogger("recorder")
    log.addHandler(complaints)
    try:
        published = asyncio.run(_start(root))
    finally:
        log.removeHandler(complaints)
    return look(root, published, complaints.said)


async def _start(root: Path) -> list[dict[str, Any]]:
    published: list[dict[str, Any]] = []
    store = await Store.open(root / "state/recorder.db", on_error=_raise)
    try:
        journal = StoreJournal(store, Outbox(store), lambda text: published.append(json.loads(text)), mqtt=False)
        await store.run(take_stopped)
        await close_leftovers(
            store, journal, root / "recordings", (), {}, reason="interrupted", clock_synced=lambda: True
        )
        await Catalogue(store).finish_erasing()
    finally:
        await store.close()
    return published


def _raise(error: Exception) -> None:
    raise error


def look(root: Path, published: list[dict[str, Any]], complaints: list[str]) -> Stands:
    """Look at it with SQLite's and Python's own means."""
    recordings = root / "recordings"
    files = {str(p.relative_to(recordings)): p.read_bytes() for p in sorted(recordings.rglob("*")) if p.is_file()}
    with closing(sqlite3.connect(root / "state/recorder.db")) as connection:
        connection.row_factory = sqlite3.Row

        def rows(query: str) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(query)]

        assert rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        return Stands(
            files=files,
            recordings={row["recording_id"]: row for row in rows("SELECT * FROM recordings")},
            events=[json.loads(row["body"]) for row in rows("SELECT body FROM events ORDER BY cursor")],
            commands={
                row["command_id"]: json.loads(row["answer"]) for row in rows("SELECT command_id, answer FROM commands")
            },
            calls=rows("SELECT * FROM calls"),
            published=published,
            complaints=complaints,
        )
