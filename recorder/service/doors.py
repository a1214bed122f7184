"""The doors of a service, made of its configuration."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.control import ControlSocket
from recorder.bridge.delivery import Outbox
from recorder.bridge.desk import Desk
from recorder.bridge.http.door import Backstage, HttpDoor
from recorder.bridge.pictures import Disk
from recorder.bridge.readiness import Readiness
from recorder.bridge.webhook.addresses import Judge
from recorder.bridge.webhook.post import Poster
from recorder.bridge.webhook.sender import Webhooks
from recorder.bridge.webhook.signatures import Signer
from recorder.config.listening import place
from recorder.config.model import Config
from recorder.contract.links import Links
from recorder.line.line import Line
from recorder.store.store import Store

if TYPE_CHECKING:
    from recorder.bridge.mqtt.door import MqttDoor


class Doors:
    """All of them, before one desk."""

    def __init__(
        self,
        config: Config,
        desk: Desk,
        lines: Mapping[str, Line],
        store: Store,
        outbox: Outbox,
        *,
        links: Links,
        project_id: str,
        readiness: Readiness,
        catalogue: Catalogue,
        disk: Disk,
        faults: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        behind = Backstage(desk, lines, store, outbox, links, project_id, readiness, catalogue, disk)
        self._control = ControlSocket(config.control_socket, desk, faults)
        self._http = HttpDoor(config, behind)
        self._mqtt = mqtt_door(config, lines, desk, store, outbox, disk)
        self._webhooks = webhooks(config, outbox)
        if self._mqtt is not None:
            readiness.add("mqtt", self._mqtt.fault)

    async def open(self) -> None:
        """Take commands and tell events. OSError: a path or an address can't be had."""
        await self._control.start()
        await self._http.start()
        self._webhooks.start()
        if self._mqtt is not None:
            await self._mqtt.start()

    def check(self, config: Config) -> None:
        """OSError: `reload` could not take it."""
        self._http.check(config)

    def reload(self, config: Config) -> None:
        """Take its tokens, keys and certificates."""
        self._http.reload(config)
        self._webhooks.reload(judge_of(config), Signer.of(config.webhook))

    async def close(self) -> None:
        """Take no more commands."""
        await self._http.stop()
        await self._control.stop()
        if self._mqtt is not None:
            await self._mqtt.stop()

    async def leave(self) -> None:
        """After the last event: send no more of them."""
        await self._webhooks.stop()

    def told(self, event_text: str) -> None:
        """An event is in the journal."""
        self._http.told(event_text)

    def troubled(self, event_text: str) -> None:
        """A line's trouble began, or is over."""
        self._http.troubled(event_text)


def webhooks(config: Config, outbox: Outbox) -> Webhooks:
    """The door to status_url."""
    return Webhooks(outbox, Poster(judge_of(config), config.webhook.ca), Signer.of(config.webhook))


def judge_of(config: Config) -> Judge:
    """Who decides where webhooks may go."""
    listeners = (place(config.http_listen), place(config.https_listen))
    own_ports = {listener[1] for listener in listeners if listener is not None}
    return Judge(config.webhook.allow, own_ports)


def mqtt_door(
    config: Config, lines: Mapping[str, Line], desk: Desk, store: Store, outbox: Outbox, disk: Disk
) -> "MqttDoor | None":
    """The door to the broker; None: there is none."""
    if not config.mqtt.url:
        return None
    from recorder.bridge.mqtt.door import MqttDoor  # noqa: PLC0415 # because without a broker nobody should load paho

    return MqttDoor(config.mqtt, config.node_id, lines, desk, store, outbox, disk)
