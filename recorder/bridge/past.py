"""What has ended, as far as commands ask of it."""

import json
import sqlite3
from typing import Any, Protocol

from recorder.store import calls, recordings
from recorder.store.store import Store


class Past(Protocol):
    """Knows the recordings and calls of every line that are over."""

    async def recording(self, line: str, call_id: str | None, control_id: str) -> dict[str, Any] | None:
        """The last event of the latest recording with that control_id; of that call, or of the line's latest."""

    async def end_of(self, recording_id: str) -> dict[str, Any] | None:
        """The last event of a recording, None while it lives."""

    async def knows_call(self, line: str, call_id: str) -> bool:
        """Whether the line ever had that call."""


class StoredPast:
    """The past as the store has it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recording(self, line: str, call_id: str | None, control_id: str) -> dict[str, Any] | None:
        """As Past says."""

        def find(connection: sqlite3.Connection) -> str | None:
            found = recordings.by_control_id(connection, line, control_id, call_id=call_id)
            return None if found is None else found.final_event

        event = await self._store.run(find)
        return None if event is None else dict(json.loads(event))

    async def end_of(self, recording_id: str) -> dict[str, Any] | None:
        """As Past says."""
        found = await self._store.run(lambda connection: recordings.get(connection, recording_id))
        return None if found is None or found.final_event is None else dict(json.loads(found.final_event))

    async def knows_call(self, line: str, call_id: str) -> bool:
        """As Past says."""
        call = await self._store.run(lambda connection: calls.newest(connection, call_id))
        return call is not None and call.line == line
