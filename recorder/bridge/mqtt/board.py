"""The retained topics: what stands at the broker is made to be what should stand there."""

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from recorder.bridge.mqtt.messages import Publication, Verdict

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """The content of one topic. `stamped`: a `timestamp` is put first, the moment of publishing, which is no news."""

    content: Mapping[str, Any] | str
    stamped: bool = False
    qos: int = 1

    def payload(self) -> bytes:
        """As it is published now."""
        if isinstance(self.content, str):
            return self.content.encode()
        stamp = {"timestamp": time.time()} if self.stamped else {}
        return json.dumps({**stamp, **self.content}, ensure_ascii=False, separators=(",", ":")).encode()


class Memory(Protocol):
    """Keeps over restarts which topics of ours may stand at the broker."""

    async def read(self) -> set[str]:
        """What `write` wrote last."""

    async def write(self, topics: Collection[str]) -> None:
        """Returns once it stands on the disk."""


class Board:
    """Publishes what has changed, and clears what is no longer shown, also what an earlier run had left."""

    def __init__(self, publish: Callable[[Publication], None], memory: Memory) -> None:
        self._publish = publish
        self._memory = memory
        self._known: set[str] | None = None  # topics that may stand at the broker, as the memory has them
        self._shown: dict[str, Notice] = {}
        self._clearing: set[str] = set()
        self._cleared: set[str] = set()
        self._refused: set[str] = set()  # topics that the broker does not take, told once a connection

    def begin_anew(self) -> None:
        """There is a new connection: nothing is known of what stands there."""
        self._shown, self._clearing, self._refused = {}, set(), set()

    async def show(self, wanted: Mapping[str, Notice]) -> None:
        """Let these stand, and nothing else of ours. StoreError: the memory fails; some of it may be shown."""
        known = await self._remember(wanted.keys())
        for topic, notice in wanted.items():
            if self._shown.get(topic) != notice:
                told = partial(self._told, topic)
                self._publish(Publication(topic, notice.payload(), notice.qos, retain=True, settled=told))
                self._shown[topic] = notice
        self._clearing -= wanted.keys()
        for topic in known - wanted.keys() - self._clearing:
            self._shown.pop(topic, None)
            self._clearing.add(topic)
            self._publish(Publication(topic, b"", retain=True, settled=partial(self._settled, topic)))

    async def _remember(self, wanted: Collection[str]) -> set[str]:
        """Keep in mind what is about to stand there, and no more what was cleared."""
        known = await self._memory.read() if self._known is None else self._known
        cleared, self._cleared = self._cleared, set()
        topics = known - cleared | set(wanted)
        if topics != known:
            await self._memory.write(topics)
        self._known = topics
        return topics

    def _told(self, topic: str, verdict: Verdict) -> None:
        if verdict.is_refusal and topic not in self._refused:
            self._refused.add(topic)
            log.warning("mqtt: topic %s is refused by the broker: %s", topic, verdict.name)

    def _settled(self, topic: str, verdict: Verdict) -> None:
        if verdict.is_refusal:
            log.warning("mqtt: topic %s can't be cleared: %s", topic, verdict.name)
        elif topic in self._clearing:
            self._cleared.add(topic)
