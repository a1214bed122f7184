"""What the MQTT door keeps in the database."""

import json
import uuid
from collections.abc import Collection

from recorder.store import meta
from recorder.store.store import Store

TOPICS = "mqtt_topics"


class StoredMemory:
    """The Memory of a Board, and the installation's id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self) -> set[str]:
        """As Memory says."""
        text = await self._store.run(lambda connection: meta.get(connection, TOPICS))
        return set() if text is None else set(json.loads(text))

    async def write(self, topics: Collection[str]) -> None:
        """As Memory says."""
        text = json.dumps(sorted(topics))
        await self._store.run(lambda connection: meta.put(connection, TOPICS, text))

    async def instance(self) -> str:
        """A UUID, made at the first start."""
        return await self._store.run(lambda connection: meta.ensure(connection, "instance", lambda: str(uuid.uuid4())))
