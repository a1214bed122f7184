"""The lines of a box, each with its feed: made at the start, taken in and out by a reload."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from recorder.bridge.readiness import Readiness, of_line
from recorder.config.model import Config, LineConfig
from recorder.line.box import Box, LineSettings
from recorder.line.line import Line
from recorder.service.directories import capture_directory
from recorder.service.feed import Feed
from recorder.service.listening import Listening
from recorder.store import inputs, recordings
from recorder.store.slots import StateFile
from recorder.store.store import Store
from recorder.writers.reports import Report

if TYPE_CHECKING:
    from recorder._dsp import Heard

log = logging.getLogger(__name__)


class Roster:
    """Whoever is given `lines` sees them come and go."""

    def __init__(
        self, lines: dict[str, Line], store: Store, box: Box, listening: Listening, readiness: Readiness
    ) -> None:
        self.lines = lines
        self._store = store
        self._box = box
        self._listening = listening
        self._readiness = readiness
        self._feeds: dict[int, Feed] = {}  # by slot
        self._following: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, tuple[Line, asyncio.Task[None]]] = {}

    @property
    def machines(self) -> dict[str, Mapping[str, Any]]:
        """Those of checkpoints that can't be gone on with, by recording."""
        return {name: machine for feed in self._feeds.values() for name, machine in feed.machines.items()}

    async def take_in(self, config: Config, configured: LineConfig) -> None:
        """Make a line, and go on where an earlier run was, if there was one."""
        if configured.id in self._leaving:
            await asyncio.wait([self._leaving[configured.id][1]])
        slot = next(slot for slot in range(len(self._feeds) + 1) if slot not in self._feeds)
        line = Line(settings_of(config, configured), self._box)
        state = StateFile(config.runtime_dir / f"{line.id}.state")
        feed = Feed(slot, line, capture_directory(config) / f"{line.id}.ring", state, self._listening)
        self.lines[line.id], self._feeds[slot] = line, feed
        self._readiness.add(f"line {line.id}", of_line(line))
        later = await self._store.run(partial(inputs.after, line=line.id, number=feed.number))
        failed = await self._store.run(partial(recordings.failed, recording_ids=feed.recordings(later)))
        feed.begin(later, failed)

    def follow(self) -> None:
        """Look for the rings of all lines from now on."""
        for feed in self._feeds.values():
            if feed.line.id not in self._following:
                self._following[feed.line.id] = asyncio.create_task(feed.run())

    def take_out(self, line_id: str) -> None:
        """Let a line go: it takes no more commands, and what lives on it ends as if its device were lost."""
        slot, feed = next((slot, feed) for slot, feed in self._feeds.items() if feed.line.id == line_id)
        self._following.pop(line_id).cancel()
        del self.lines[line_id]
        self._readiness.remove(f"line {line_id}")
        leaving = asyncio.create_task(self._leave(feed))
        self._leaving[line_id] = feed.line, leaving
        feed.let_go()
        del self._feeds[slot]

    async def _leave(self, feed: Feed) -> None:
        await feed.left()
        with suppress(OSError):
            feed.forget()
        del self._leaving[feed.line.id]

    def change(self, config: Config, configured: LineConfig) -> None:
        """New limits and defaults hold from the next command on; recordings that live keep theirs."""
        self.lines[configured.id].settings = settings_of(config, configured)

    def stop(self) -> None:
        """Look for no more rings."""
        for task in self._following.values():
            task.cancel()

    def take(self, heard: "Heard") -> None:
        """What the audio thread tells."""
        feed = self._feeds[heard[1]]
        if heard[0] == "snapshot":
            feed.checkpoint(heard[2], heard[3])
        else:
            feed.line.heard(heard)

    def report(self, report: Report) -> None:
        """What the writers tell."""
        for line in (*self.lines.values(), *(line for line, _ in self._leaving.values())):
            live = line.recordings.get(report.recording_id)
            if live is not None:
                live.report(report)


def settings_of(config: Config, line: LineConfig) -> LineSettings:
    """What the rest of the house is told of a configured line."""
    return LineSettings(
        id=line.id,
        limits=config.limits(line, listen=True),
        defaults=line.defaults,
        cap_s=config.max_length_cap,
        device_grace_s=config.device_grace,
        keep_no_input=config.keep_no_input,
        auto_record=line.auto_record,
    )
