"""`recorder serve`: the lines of a box, followed, recorded and commanded, until a signal says stop."""

import asyncio
import logging
import os
import secrets
import signal
import sqlite3
import sys
import time
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.delivery import Outbox
from recorder.bridge.desk import Desk
from recorder.bridge.http.addresses import public_url
from recorder.bridge.past import StoredPast
from recorder.bridge.readiness import Readiness, of_line
from recorder.bridge.repeats import Repeats
from recorder.config.model import Config, LineConfig
from recorder.contract.links import Links
from recorder.line.box import Box, LineSettings
from recorder.line.line import Line
from recorder.service import clock
from recorder.service.diskroom import DiskRoom
from recorder.service.doors import Doors
from recorder.service.feed import Feed
from recorder.service.journal import StoreJournal
from recorder.service.leftovers import Reason, close_leftovers
from recorder.service.listening import Listening
from recorder.service.retention import Bounds, Retention
from recorder.service.sounds import CaptureSounds
from recorder.service.tidying import tidy
from recorder.store import inputs, meta
from recorder.store.errors import StoreError
from recorder.store.slots import StateFile
from recorder.store.store import Store
from recorder.writers.layout import recording_path
from recorder.writers.pool import WriterPool
from recorder.writers.reports import Report
from recorder.writers.sync import SyncThread
from recorder.writers.writer import Codecs

if TYPE_CHECKING:
    from collections.abc import Callable

    from recorder._dsp import Heard

log = logging.getLogger(__name__)

EX_OK, EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL = 0, 73, 74, 75  # sysexits.h
STOPPED = "stopped_in_order"
CATCHES_UP_WITHIN_S = 10.0  # a disk that stalls must not keep the doors shut for good
LOOK_EVERY_S = 0.01


def run(config: Config, *, print_events: bool = False) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. `print_events`: on stdout, as JSON lines.

    73: a directory or the control socket can't be made; 74: the database fails; 75: another service has it.
    """
    logging.basicConfig(level=config.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(Service(config, print_events=print_events).run())
    except StoreError as error:
        log.critical("%s", error)
        return EX_TEMPFAIL if error.reason == "locked" else EX_IOERR
    except FileExistsError as error:
        log.critical("%s", error)
        return EX_TEMPFAIL
    except OSError as error:
        log.critical("%s", error)
        return EX_CANTCREAT
    return EX_OK


class Service:
    """What `serve` is made of, in the order in which it starts; it stops in the other order."""

    def __init__(self, config: Config, *, print_events: bool) -> None:
        self._config = config
        self._lines: dict[str, Line] = {}
        self._feeds: list[Feed] = []
        self._publish: list[Callable[[str], None]] = [publish] if print_events else []

    async def run(self) -> None:
        """Start, wait for the signal, stop."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        make_directories(self._config)
        store = await Store.open(self._config.state_dir / "recorder.db", lambda error: log.error("store: %s", error))
        try:
            await self._serve(store, stopping)
        finally:
            await store.close()

    async def _serve(self, store: Store, stopping: asyncio.Event) -> None:
        pool = WriterPool(self._report)
        sync = SyncThread(pool.growing, pool.check)
        sounds = CaptureSounds(capture_directory(self._config) / "control.sock")
        outbox = Outbox(store)
        journal = StoreJournal(store, outbox, self._tell, mqtt=self._config.mqtt.url != "")
        repeats = Repeats(store)
        await repeats.load()
        links = await self._links(store)
        box = await self._box(store, journal, pool, sounds, links)
        listening = Listening(self._take)
        await self._make_lines(store, box, listening)
        sounds.lines = self._lines
        await self._close_leftovers(store, box)
        room = DiskRoom(self._config, self._lines, box.codecs)
        catalogue = Catalogue(store)
        retention = Retention(Bounds.of(self._config), catalogue, room)
        desk = Desk(self._lines, StoredPast(store), journal, repeats, room.no_room)
        doors = Doors(
            self._config,
            desk,
            self._lines,
            store,
            outbox,
            links=links,
            project_id=box.project_id,
            readiness=self._readiness(store, listening, room),
            catalogue=catalogue,
            disk=room,
        )
        self._publish.append(doors.told)
        sync.start()
        listening.start()
        await self._catch_up()
        await doors.open()
        following = [asyncio.create_task(feed.run()) for feed in self._feeds]
        following += map(asyncio.create_task, (tidy(store, outbox), room.watch(pool), retention.run()))
        log.info("serving %d line(s) as node %s", len(self._lines), box.node_id)
        await stopping.wait()
        log.info("stopping: what is live is gone on with, if the service is back within the ring")
        await doors.close()
        for task in following:
            task.cancel()
        listening.stop()
        await pool.close()
        await asyncio.to_thread(sync.stop)
        await doors.leave()
        await store.run(lambda connection: meta.put(connection, STOPPED, "yes"))

    async def _catch_up(self) -> None:
        """Hear what the rings have gathered since the last run, before anybody may ask what lives."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCHES_UP_WITHIN_S):
                while not all(line.is_caught_up for line in self._lines.values()):  # noqa: ASYNC110 # because it is soon over, and an event would have many ends
                    await asyncio.sleep(LOOK_EVERY_S)

    def _readiness(self, store: Store, listening: Listening, room: DiskRoom) -> Readiness:
        readiness = Readiness()
        readiness.add("store", store.flushed)
        readiness.add("audio thread", listening.fault)
        readiness.add("disk", partial(asyncio.to_thread, room.no_room))
        for line in self._lines.values():
            readiness.add(f"line {line.id}", of_line(line))
        return readiness

    def _tell(self, text: str) -> None:
        for publish_to in self._publish:
            publish_to(text)

    async def _links(self, store: Store) -> Links:
        key = await store.run(lambda connection: meta.ensure(connection, "link_key", lambda: secrets.token_hex(32)))
        return Links(public_url(self._config), bytes.fromhex(key), self._config.max_length_cap)

    async def _box(
        self, store: Store, journal: StoreJournal, pool: WriterPool, sounds: CaptureSounds, links: Links
    ) -> Box:
        config = self._config
        project_id = config.project_id or await store.run(
            lambda connection: meta.ensure(connection, "project_id", lambda: str(uuid.uuid4()))
        )
        return Box(
            node_id=config.node_id,
            project_id=project_id,
            space_id=config.space_id,
            journal=journal,
            pool=pool,
            sounds=sounds,
            place=partial(recording_path, config.recordings_dir),
            root=config.recordings_dir,
            link=lambda recording_id, ext: links.make(recording_id, ext, time.time()),
            clock_synced=clock.is_synced,
            codecs=codecs_of(config),
        )

    async def _make_lines(self, store: Store, box: Box, listening: Listening) -> None:
        for slot, configured in enumerate(self._config.lines.values()):
            line = Line(settings_of(self._config, configured), box)
            self._lines[line.id] = line
            ring = capture_directory(self._config) / f"{line.id}.ring"
            state = StateFile(self._config.runtime_dir / f"{line.id}.state")
            feed = Feed(slot, line, ring, state, listening)
            self._feeds.append(feed)
            feed.begin(await store.run(partial(inputs.after, line=line.id, number=feed.number)))

    async def _close_leftovers(self, store: Store, box: Box) -> None:
        reason: Reason = "shutdown" if await store.run(take_stopped) else "interrupted"
        held = {recording_id for line in self._lines.values() for recording_id in line.held()}
        machines = {name: machine for feed in self._feeds for name, machine in feed.machines.items()}
        root, synced = self._config.recordings_dir, clock.is_synced
        await close_leftovers(store, box.journal, root, held, machines, reason=reason, clock_synced=synced)

    def _take(self, heard: "Heard") -> None:
        feed = self._feeds[heard[1]]
        if heard[0] == "snapshot":
            feed.checkpoint(heard[2], heard[3])
        else:
            feed.line.heard(heard)

    def _report(self, report: Report) -> None:
        for line in self._lines.values():
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
    )


def codecs_of(config: Config) -> Codecs:
    """How the lossy formats are encoded."""
    return Codecs(config.mp3.bit_rate, config.mp3.quality, config.mp4.bit_rate)


def capture_directory(config: Config) -> Path:
    """Capture's runtime directory, beside ours."""
    return config.runtime_dir.with_name(config.runtime_dir.name + "-capture")


def make_directories(config: Config) -> None:
    """Make what serve writes to. OSError names what can't be made."""
    for directory in (config.state_dir, config.recordings_dir, config.runtime_dir):
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        if not os.access(directory, os.W_OK | os.X_OK):
            raise PermissionError(f"{directory} can't be written to")


def take_stopped(connection: sqlite3.Connection) -> bool:
    """Whether the last run was stopped in order; asked once, at the start of the next."""
    in_order = meta.get(connection, STOPPED) == "yes"
    meta.put(connection, STOPPED, "no")
    return in_order


def publish(text: str) -> None:
    """Print an event."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
