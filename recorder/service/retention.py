"""Retention: recordings are erased, the oldest first, when they are too old, too many, or the disk is short of room."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from recorder.bridge.catalogue import Catalogue
from recorder.config.model import Config
from recorder.service.diskroom import DiskRoom
from recorder.store.retention import Ages, Cap, Unmet

log = logging.getLogger(__name__)

EVERY_S = 60.0
LEAST_S = 2.0  # between two looks, however often the disk asks
BATCH = 100  # recordings in one transaction


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the configuration allows to be kept."""

    ages: Ages
    caps: Sequence[Cap]
    min_free_bytes: int

    def __bool__(self) -> bool:
        return bool(self.caps or self.min_free_bytes or self.ages.any)

    @classmethod
    def of(cls, config: Config) -> "Bounds":
        """All bounds of the configuration, each under its key."""
        box, formats = config.retention, config.retention.formats
        lines = {line.id: line.retention for line in config.lines.values()}
        caps = [Cap("retention.max_bytes", box.max_bytes)]
        caps += [Cap(f"retention.{name}.max_bytes", each.max_bytes, format=name) for name, each in formats.items()]
        caps += [Cap(f"lines.{name}.retention.max_bytes", each.max_bytes, line=name) for name, each in lines.items()]
        ages = Ages(
            box.max_age,
            {name: each.max_age for name, each in formats.items() if each.max_age is not None},
            {name: each.max_age for name, each in lines.items() if each.max_age is not None},
        )
        return cls(ages, [cap for cap in caps if cap.most_bytes], box.min_free_bytes)


class Retention:
    """Keeps the recordings within the bounds. Its methods belong to the event loop."""

    def __init__(self, config: Config, catalogue: Catalogue, room: DiskRoom) -> None:
        self._bounds = Bounds.of(config)
        self._catalogue = catalogue
        self._room = room
        self._wanted = asyncio.Event()
        self._unmet: Sequence[Unmet] = ()
        self._told: set[str] = set()
        room.more, room.blocked = self._wanted.set, self.blocked
        catalogue.changed = self._wanted.set

    def reload(self, config: Config) -> None:
        """Go by these bounds from now on."""
        self._bounds = Bounds.of(config)
        self._wanted.set()

    def blocked(self, line: str | None, format_: str | None) -> str | None:
        """Why nothing more may be recorded on a line in a format, None standing for all: only held ones are left."""
        for unmet in self._unmet:
            is_meant = None in (line, unmet.line) or line == unmet.line
            is_meant = is_meant and (None in (format_, unmet.format) or format_ == unmet.format)
            if unmet.cause == "held" and is_meant:
                return in_words(unmet)
        return None

    async def run(self) -> None:
        """Look every minute, and when the disk is short of room; never returns."""
        while True:
            try:
                if self._bounds or self._unmet:
                    await self.sweep()
            except Exception:
                log.exception("retention failed")
            await asyncio.sleep(LEAST_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._wanted.wait()
            self._wanted.clear()

    async def sweep(self) -> int:
        """Erase all that is to go now; how many that was."""
        count = 0
        while True:
            before = self._free()
            missing = max(0, self._bounds.min_free_bytes - before)
            erased, unmet = await self._catalogue.retain(
                self._bounds.ages, self._bounds.caps, now=time.time(), missing_bytes=missing, limit=BATCH
            )
            self._tell(unmet)
            count += len(erased)
            if not erased:
                return count
            freed = sum(each.size for each in erased)
            if missing and self._free() - before < freed // 2:
                log.warning("retention: erasing %d bytes has not freed as much: it goes on later", freed)
                return count

    def _free(self) -> int:
        """What is free; where that can't be seen, nothing is erased for it."""
        try:
            return self._room.free_bytes()
        except OSError:
            return self._bounds.min_free_bytes

    def _tell(self, unmet: Sequence[Unmet]) -> None:
        self._unmet = unmet
        words = {in_words(each) for each in unmet}
        for each in words - self._told:
            log.error("retention: %s", each)
        self._told = words


def in_words(unmet: Unmet) -> str:
    """A bound that can't be met."""
    why = {
        "held": "only protected recordings are left",
        "undelivered": "what is left has events that are still to be delivered",
        "none": "no recording is left to be erased",
    }
    return f"{unmet.name} can't be met: {why[unmet.cause]}"
