"""Room for recordings and for the journal: how much there is, how long it lasts, and what is done when it runs out."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recorder.config.model import Config
from recorder.line.line import Line
from recorder.writers.bitrates import bytes_per_s
from recorder.writers.pool import WriterPool
from recorder.writers.writer import Codecs

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
FEWEST_FILES = 16  # a recording is three, in a day's three directories, and those that live need theirs at their end


class DiskRoom:
    """Looks at the file systems of recordings and database. Its methods belong to the event loop.

    `more` is asked for more room when less is free than min_free_bytes; `blocked` says why no more can be had for a
    line and format, None where that is not so.
    """

    def __init__(self, config: Config, lines: Mapping[str, Line], codecs: Codecs) -> None:
        self._config = config
        self._lines = lines
        self._codecs = codecs
        self.fault: str | None = None  # why no recording may begin, as last looked at
        self.more: Callable[[], None] = lambda: None
        self.blocked: Callable[[str | None, str | None], str | None] = lambda _line, _format: None

    def reload(self, config: Config) -> None:
        """Go by these bounds from now on; the directories are the ones of the start."""
        self._config = config

    def free_bytes(self) -> int:
        """What is free for recordings. OSError: the file system can't be looked at."""
        return free_at(self._config.recordings_dir)

    def picture(self) -> dict[str, Any]:
        """What is told of it: bytes, and hours until recordings end if the lines at work go on as they do."""
        try:
            free = self.free_bytes()
        except OSError as error:
            return {"free_bytes": 0, "free_hours": 0.0, "fault": unseen(self._config.recordings_dir, error)}
        left = max(0, free - self._config.floor_bytes)
        told = {"free_bytes": free, "free_hours": round(left / self.bytes_per_s() / 3600, 2)}
        fault = self.no_room()
        return told if fault is None else {**told, "fault": fault}

    def bytes_per_s(self) -> float:
        """What the live recordings write; where none lives, what one on each line with its defaults would."""
        lines = self._lines.values()
        at_work = [
            (line, str(each.order.facts.format), each.order.facts.stereo) for line in lines for each in line.live()
        ] or [(line, str(line.settings.defaults.get("format", "wav")), False) for line in lines]
        total = sum(self._rate_of(line, name, stereo=stereo) for line, name, stereo in at_work)
        return total or bytes_per_s("wav", 8000, 1, self._codecs)

    def _rate_of(self, line: Line, format_: str, *, stereo: bool) -> float:
        rate, channels = (8000, 1) if line.source is None else (line.source.rate, line.source.channels)
        return bytes_per_s(format_, rate, 2 if stereo and channels > 1 else 1, self._codecs)

    def no_room(self, line: str | None = None, format_: str | None = None) -> str | None:
        """Why no recording may begin; None: one may, on that line and in that format if they are given."""
        config = self._config
        least = max(config.headroom_bytes, config.floor_bytes)
        for directory, bound, names in (
            (config.recordings_dir, least, "headroom_bytes" if least == config.headroom_bytes else "floor_bytes"),
            (config.state_dir, config.floor_bytes, "floor_bytes"),
        ):
            try:
                free, files = free_at(directory), files_at(directory)
            except OSError as error:
                return unseen(directory, error)
            if files is not None and files < FEWEST_FILES:
                return f"{files} files can still be made at {directory} (inodes), fewer than {FEWEST_FILES}"
            if free < bound:
                what = "recordings" if directory == config.recordings_dir else "the database"
                return f"{free} bytes are free for {what}, fewer than {names} = {bound}"
        return self.blocked(line, format_)

    def below_floor(self) -> str | None:
        """Why what lives must end: the disk is about to fail the journal; None: it is not."""
        for directory in (self._config.recordings_dir, self._config.state_dir):
            try:
                free = free_at(directory)
            except OSError:
                continue  # whoever writes there finds out what is wrong
            if free < self._config.floor_bytes:
                return f"{free} bytes are free at {directory}, fewer than floor_bytes = {self._config.floor_bytes}"
        return None

    async def watch(self, pool: WriterPool) -> None:
        """Look again and again: end what lives at the floor, call for room below min_free_bytes. Never returns."""
        while True:
            try:
                await self._look(pool)
            except Exception:
                log.exception("the disk could not be looked at")
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self, pool: WriterPool) -> None:
        below = await asyncio.to_thread(self.below_floor)
        if below is not None:
            pool.give_up(below)
        fault = await asyncio.to_thread(self.no_room)
        if fault != self.fault:
            log.log(logging.INFO if fault is None else logging.ERROR, "disk: %s", fault or "there is room again")
            self.fault = fault
        if self._config.retention.min_free_bytes and await asyncio.to_thread(self._lacks):
            self.more()

    def _lacks(self) -> bool:
        try:
            return self.free_bytes() < self._config.retention.min_free_bytes
        except OSError:
            return False


def free_at(directory: Path) -> int:
    """Bytes that the file system of a directory has free for us."""
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize


def files_at(directory: Path) -> int | None:
    """Files that can still be made there; None: the file system has no bound."""
    found = os.statvfs(directory)
    return found.f_favail if found.f_files else None


def unseen(directory: Path, error: OSError) -> str:
    """That the room there is unknown."""
    return f"{directory} can't be looked at: {error.strerror or error}"
