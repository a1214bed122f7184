"""The MQTT door: a session with the broker, requests to the desk, events and the picture of the box to the broker."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from recorder.bridge import pictures
from recorder.bridge.delivery import Outbox
from recorder.bridge.desk import Desk
from recorder.bridge.lookout import facts_of, troubles_of
from recorder.bridge.mqtt import discovery
from recorder.bridge.mqtt.board import Board, Notice
from recorder.bridge.mqtt.client import Broker
from recorder.bridge.mqtt.events import Events
from recorder.bridge.mqtt.link import Link
from recorder.bridge.mqtt.memory import StoredMemory
from recorder.bridge.mqtt.messages import Publication, Request, Verdict
from recorder.bridge.mqtt.pace import Loss, Pace
from recorder.bridge.mqtt.requests import Requests
from recorder.bridge.mqtt.topics import Topics
from recorder.config.model import MqttConfig
from recorder.contract.faults import Refused
from recorder.contract.json_text import read_json
from recorder.contract.quoting import shown
from recorder.line.line import Line
from recorder.store.errors import StoreError
from recorder.store.store import Store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.1  # at what the retained topics should say; what came and went between two looks, events tell
HEALTH_EVERY_S = 30.0
FAREWELL_S = 2.0
LAST_COMMANDS_S = 0.5


class MqttDoor:
    """Start it in the loop; `complaint` says why it does not do its job now."""

    def __init__(
        self,
        config: MqttConfig,
        node_id: str,
        lines: Mapping[str, Line],
        desk: Desk,
        store: Store,
        outbox: Outbox,
        disk: pictures.Disk,
    ) -> None:
        """`lines` and `disk` are looked at again and again."""
        self._config = config
        self._lines = lines
        self._disk = disk
        self._topics = Topics(config.prefix, node_id)
        self._memory = StoredMemory(store)
        self._pace = Pace()
        self._link = Link(Broker(config, self._topics), self._pace, self)
        self._requests = Requests(desk, self._topics, config.response_prefixes, self._link.publish)
        self._events = Events(outbox, self._topics, self._link.publish)
        self._board = Board(self._link.publish, self._memory)
        self._is_connected = False
        self._complaint = f"not connected to {config.url} yet"
        self._instance = ""
        self._was_told = False  # our own info has come back to us
        self._health: dict[str, Any] = {}
        self._health_at = 0.0
        self._fault_told: str | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def complaint(self) -> str | None:
        """Why commands or events don't get through now, in a sentence; None: they do."""
        if self._pace.has_twin:
            return f"a second box with node_id {self._topics.node_id} takes the session from us, and we from it"
        return self._complaint or None

    async def fault(self) -> str | None:
        """The complaint, for whoever asks whether the box is ready."""
        return self.complaint

    async def start(self) -> None:
        """Begin to connect; returns at once."""
        self._instance = await self._memory.instance()
        self._tasks = [asyncio.create_task(self._events.run()), asyncio.create_task(self._keep_shown())]
        self._link.start()

    async def stop(self) -> None:
        """Say farewell to the broker, if there is one. Commands that came until then are carried out."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._is_connected:
            await self._say_offline()
        await self._link.stop()
        await self._requests.stop(LAST_COMMANDS_S)

    async def _say_offline(self) -> None:
        said = asyncio.get_running_loop().create_future()

        def settled(verdict: Verdict) -> None:
            if not said.done():
                said.set_result(verdict)

        self._link.publish(Publication(self._topics.availability, b"offline", retain=True, settled=settled))
        await asyncio.wait([said], timeout=FAREWELL_S)

    # What the link tells.

    def connected(self) -> None:
        """As Door says."""
        log.info("mqtt: connected to %s", self._config.url)
        self._is_connected, self._complaint = True, ""
        self._board.begin_anew()
        self._events.resume()

    def lost(self, loss: Loss, retry_s: float) -> None:
        """As Door says."""
        if self._pace.has_twin:
            log.error("mqtt: a second box with node_id %s has the session", self._topics.node_id)
        complaint = f"not connected to {self._config.url}: {loss.why}"
        level = logging.DEBUG if complaint == self._complaint else logging.WARNING
        log.log(level, "mqtt: %s; again in %.3g s", complaint, retry_s)
        self._is_connected, self._complaint = False, complaint
        self._events.pause()

    def refused(self, what: str) -> None:
        """As Door says."""
        log.error("mqtt: %s", what)
        self._complaint = what

    def asked(self, request: Request) -> None:
        """As Door says."""
        if request.topic == self._topics.info:
            self._look_for_twin(request.payload)
        else:
            self._requests.take(request)

    def _look_for_twin(self, payload: bytes) -> None:
        """The info at the broker: that of another installation, once ours has stood there, is a second box's."""
        try:
            info = read_json(payload)
        except Refused:
            return  # as when somebody cleared it
        other = info.get("instance") if isinstance(info, dict) else None
        if other == self._instance:
            self._was_told = True
        elif isinstance(other, str) and self._was_told:
            self._pace.note_twin()
            log.error("mqtt: a second box with node_id %s is there, instance %s", self._topics.node_id, shown(other))

    # What the retained topics show.

    async def _keep_shown(self) -> None:
        while True:
            if self._is_connected:
                try:
                    await self._board.show(self._wanted())
                except StoreError as error:
                    log.error("mqtt: retained topics wait: %s", error)  # noqa: TRY400 # because the message says it all
            await asyncio.sleep(LOOK_EVERY_S)

    def _wanted(self) -> dict[str, Notice]:
        topics = self._topics
        wanted = {
            topics.availability: Notice("online"),
            topics.info: Notice(pictures.info(topics.node_id, self._instance, self._lines)),
            topics.health: Notice(self._newest_health(), stamped=True, qos=0),
        }
        for name, line in self._lines.items():
            wanted[topics.of_line(name, "state")] = Notice(pictures.state(line), stamped=True)
            if self._config.discovery:
                wanted[discovery.topic(topics, name)] = Notice(discovery.device(topics, name))
        return wanted

    def _newest_health(self) -> dict[str, Any]:
        """Taken every HEALTH_EVERY_S, and at once when a line's troubles change, or the disk has no room."""
        now = time.monotonic()
        known = self._health.get("lines", {})
        told = {name: (each["up"], each["level"] != {}, each["troubles"]) for name, each in known.items()}
        true = {name: _standing(line) for name, line in self._lines.items()}
        is_old = now - self._health_at >= HEALTH_EVERY_S or told != true or self._fault_told != self._disk.fault
        if not self._health or is_old:
            self._fault_told = self._disk.fault
            self._health, self._health_at = pictures.health(self._lines.values(), self._disk), now
        return self._health


def _standing(line: Line) -> tuple[bool, bool, list[dict[str, str | int | float]]]:
    """What of a line's health is told at once when it changes."""
    return line.is_up, line.reception.is_heard, [facts_of(trouble) for trouble in troubles_of(line)]
