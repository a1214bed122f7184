"""The doors of a service, made of its configuration."""

import shutil
from collections.abc import Mapping

from recorder.bridge.delivery import Outbox
from recorder.bridge.desk import Desk
from recorder.bridge.mqtt.door import MqttDoor
from recorder.bridge.webhook.addresses import Judge
from recorder.bridge.webhook.post import Poster
from recorder.bridge.webhook.sender import Webhooks
from recorder.bridge.webhook.signatures import Signer
from recorder.config.listening import place
from recorder.config.model import Config
from recorder.line.line import Line
from recorder.store.store import Store


def webhooks(config: Config, outbox: Outbox) -> Webhooks:
    """The door to status_url."""
    listeners = (place(config.http_listen), place(config.https_listen))
    own_ports = {listener[1] for listener in listeners if listener is not None}
    judge = Judge(config.webhook.allow, own_ports)
    return Webhooks(outbox, Poster(judge, config.webhook.ca), Signer.of(config.webhook))


def mqtt_door(config: Config, lines: Mapping[str, Line], desk: Desk, store: Store, outbox: Outbox) -> MqttDoor | None:
    """The door to the broker; None: there is none."""
    if not config.mqtt.url:
        return None
    return MqttDoor(
        config.mqtt,
        config.node_id,
        lines,
        desk,
        store,
        outbox,
        free_bytes=lambda: shutil.disk_usage(config.recordings_dir).free,
    )
