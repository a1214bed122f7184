"""`recorder serve`: the lines of a box, followed, recorded and commanded, until a signal says stop."""

import asyncio
import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from recorder.bridge.auto import AutoRecord
from recorder.bridge.catalogue import Catalogue
from recorder.bridge.delivery import Outbox
from recorder.bridge.desk import Desk
from recorder.bridge.lookout import Lookout
from recorder.bridge.past import StoredPast
from recorder.bridge.readiness import Readiness
from recorder.bridge.repeats import Repeats
from recorder.bridge.starts import Starts
from recorder.config.model import Config
from recorder.contract.events import RecordingFacts
from recorder.contract.links import Links
from recorder.line.box import Box
from recorder.service import clock, identity, strangers
from recorder.service.directories import DATABASE, capture_directory, make_directories
from recorder.service.diskroom import DiskRoom
from recorder.service.doors import Doors
from recorder.service.hashing import Hashing, has_load
from recorder.service.journal import StoreJournal
from recorder.service.leftovers import Reason, close_leftovers, end_lost_calls
from recorder.service.links import links_of
from recorder.service.listening import Listening
from recorder.service.lock import state_lock
from recorder.service.reload import Reload, Reread
from recorder.service.retention import Retention
from recorder.service.roster import Roster
from recorder.service.sounds import CaptureSounds
from recorder.service.summaries import summarize
from recorder.service.tidying import tidy
from recorder.store import meta
from recorder.store.errors import StoreError
from recorder.store.store import Store
from recorder.systemd import faults
from recorder.systemd.notify import Manager
from recorder.systemd.watchdog import as_steps, keep_alive
from recorder.writers.layout import recording_path
from recorder.writers.pool import WriterPool
from recorder.writers.sync import SyncThread
from recorder.writers.writer import Codecs

if TYPE_CHECKING:
    from recorder._dsp import Heard
    from recorder.line.line import Line
    from recorder.writers.reports import Report

log = logging.getLogger(__name__)

STOPPED = "stopped_in_order"
CATCHES_UP_WITHIN_S = 10.0  # a disk that stalls must not keep the doors shut for good
LOOK_EVERY_S = 0.01


def run(config: Config, *, reread: Reread | None = None, print_events: bool = False) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. `print_events`: on stdout, as JSON lines.

    `reread` loads the configuration anew at SIGHUP; None: SIGHUP changes nothing.
    73: a directory or the control socket can't be made; 74: the database fails; 75: another service has it.
    """
    try:
        asyncio.run(Service(config, reread or (lambda: config), print_events=print_events).run())
    except StoreError as error:
        log.critical("%s", error)
        return os.EX_TEMPFAIL if error.reason == "locked" else os.EX_IOERR
    except FileExistsError as error:
        log.critical("%s", error)
        return os.EX_TEMPFAIL
    except OSError as error:
        log.critical("%s", error)
        return os.EX_CANTCREAT
    return os.EX_OK


class Service:
    """What `serve` is made of, in the order in which it starts; it stops in the other order."""

    def __init__(self, config: Config, reread: Reread, *, print_events: bool) -> None:
        self._config = config
        self._reread = reread
        self._manager = Manager.of(os.environ)
        self._lines: dict[str, Line] = {}
        self._publish: list[Callable[[str], None]] = [publish] if print_events else []
        self._publish.append(summarize)
        self._roster: Roster
        self._reload: Reload

    async def run(self) -> None:
        """Start, wait for the signal, stop."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
        make_directories(self._config)
        with state_lock(self._config.state_dir):
            path = self._config.state_dir / DATABASE
            store = await Store.open(path, lambda error: log.error("store: %s", error))
            try:
                await self._serve(store, stopping)
            finally:
                await store.close()

    async def _serve(self, store: Store, stopping: asyncio.Event) -> None:
        pool = WriterPool(self._report)
        sync = SyncThread(pool.growing, pool.check, pool.has_flushed)
        sounds = CaptureSounds(capture_directory(self._config) / "control.sock", self._lines)
        outbox = Outbox(store)
        journal = StoreJournal(store, outbox, self._tell, mqtt=self._config.mqtt.url != "")
        repeats = Repeats(store)
        await repeats.load()
        itself = await store.run(partial(identity.ensure, path=self._config.state_dir / identity.NAME))
        links = links_of(self._config, itself)
        auto = AutoRecord(journal, self._lines)
        box = self._box(itself, journal, pool, sounds, links, auto)
        listening = Listening(self._take)
        room = DiskRoom(self._config, self._lines, box.codecs)
        readiness = self._readiness(store, listening, room)
        self._roster = Roster(self._lines, store, box, listening, readiness)
        for configured in self._config.lines.values():
            await self._roster.take_in(self._config, configured)
        await self._close_leftovers(store, box, links)
        catalogue = Catalogue(store)
        retention = Retention(self._config, catalogue, room)
        starts = auto.starts = Starts(room.no_room)
        desk = Desk(self._lines, StoredPast(store), journal, repeats, starts)
        doors = Doors(
            self._config,
            desk,
            self._lines,
            store,
            outbox,
            links=links,
            project_id=box.project_id,
            readiness=readiness,
            catalogue=catalogue,
            disk=room,
            faults=breakable(listening),
        )
        self._publish.append(doors.told)
        also = (room.reload, retention.reload)
        self._reload = Reload(self._config, self._reread, self._manager, self._roster, doors, also)
        sync.start()
        listening.start()
        await self._catch_up()
        await doors.open()
        self._roster.follow()
        lookout = Lookout(self._config.node_id, self._lines, doors.troubled)
        endless = (self._watch(listening), tidy(store, outbox), room.watch(pool), retention.run(), lookout.run())
        watched = [asyncio.create_task(each) for each in (*endless, Hashing(store, has_load).run())]
        log.info("serving %d line(s) as node %s", len(self._lines), box.node_id)
        await stopping.wait()
        self._manager.stopping()
        log.info("stopping: what is live is gone on with, if the service is back within the ring")
        await doors.close()
        for task in watched:
            task.cancel()
        self._roster.stop()
        listening.stop()
        await pool.close()
        await asyncio.to_thread(sync.stop)
        await doors.leave()
        await stopped(store, journal)

    async def _watch(self, listening: Listening) -> None:
        """Be there for the manager, its watchdog and its reloads; never returns."""
        reloads: set[asyncio.Task[None]] = set()

        def reload() -> None:
            task = asyncio.create_task(self._reload.run(self._status))
            reloads.add(task)
            task.add_done_callback(reloads.discard)

        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
        self._manager.ready(self._status())
        await keep_alive(self._manager, as_steps(lambda: listening.passes), self._status)

    def _status(self) -> str:
        """What `systemctl status` shows."""
        up = sum(line.is_up for line in self._lines.values())
        live = sum(len(line.live()) for line in self._lines.values())
        remark = f"; {self._reload.remark}" if self._reload.remark else ""
        return f"{up} of {len(self._lines)} lines up, {live} recording{remark}"

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
        return readiness

    def _tell(self, text: str) -> None:
        for publish_to in self._publish:
            publish_to(text)

    def _box(
        self,
        itself: Mapping[str, str],
        journal: StoreJournal,
        pool: WriterPool,
        sounds: CaptureSounds,
        links: Links,
        starter: AutoRecord,
    ) -> Box:
        config = self._config
        return Box(
            node_id=config.node_id,
            project_id=config.project_id or itself["project_id"],
            space_id=config.space_id,
            journal=journal,
            pool=pool,
            sounds=sounds,
            place=partial(recording_path, config.recordings_dir),
            root=config.recordings_dir,
            link=lambda recording_id, ext: self._lasting(links).make(recording_id, ext, time.time()),
            clock_synced=clock.is_synced,
            codecs=codecs_of(config),
            starter=starter,
        )

    def _lasting(self, links: Links) -> Links:
        """Links that outlive the longest recording that may be begun now."""
        return replace(links, cap_s=self._reload.config.max_length_cap)

    async def _close_leftovers(self, store: Store, box: Box, links: Links) -> None:
        reason: Reason = "shutdown" if await store.run(take_stopped) else "interrupted"
        held = {recording_id for line in self._lines.values() for recording_id in line.held()}
        root, synced = self._config.recordings_dir, clock.is_synced

        def facts_of(recording_id: str, format_: str) -> RecordingFacts:
            names = {"node_id": box.node_id, "project_id": box.project_id, "space_id": box.space_id}
            return strangers.facts(recording_id, format_, **names, url=links.make(recording_id, format_, time.time()))

        machines = self._roster.machines
        await close_leftovers(
            store, box.journal, root, held, machines, reason=reason, clock_synced=synced, facts_of=facts_of
        )
        await end_lost_calls(store, {line.id for line in self._lines.values() if line.source is not None})

    def _take(self, heard: "Heard") -> None:
        self._roster.take(heard)

    def _report(self, report: "Report") -> None:
        self._roster.report(report)


def codecs_of(config: Config) -> Codecs:
    """How the lossy formats are encoded."""
    return Codecs(config.mp3.bit_rate, config.mp3.quality, config.mp4.bit_rate)


def breakable(listening: Listening) -> dict[str, Callable[[], None]]:
    """What a test may break, if it may."""
    if not faults.are_allowed(os.environ):
        return {}
    return {"audio": listening.stand_still, "loop": faults.stand_still}


async def stopped(store: Store, journal: StoreJournal) -> None:
    """Write all that the journal still has, and that this was a stop in order."""
    with suppress(StoreError):  # what can't be written is found out again at the next start
        await journal.flushed()
    await store.run(lambda connection: meta.put(connection, STOPPED, "yes"))


def take_stopped(connection: sqlite3.Connection) -> bool:
    """Whether the last run was stopped in order; asked once, at the start of the next."""
    in_order = meta.get(connection, STOPPED) == "yes"
    meta.put(connection, STOPPED, "no")
    return in_order


def publish(text: str) -> None:
    """Print an event."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
