"""A paho client with the session that docs/mqtt.md tells of."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from recorder.bridge.mqtt.topics import Topics
from recorder.config.model import MqttConfig
from recorder.contract.json_text import MOST_BYTES

KEEP_ALIVE_S = 20
CONNECT_WITHIN_S = 5.0  # per address, and as long again for the TLS handshake
SESSION_S = 30  # so long the broker keeps commands for us while we are away
IN_FLIGHT = 20  # messages sent that the broker has not acknowledged


class Broker:
    """The broker as configured, and the one client that it knows us by."""

    def __init__(self, config: MqttConfig, topics: Topics) -> None:
        self._config = config
        self._topics = topics
        self._tls: ssl.SSLContext | None = None
        self.is_v5 = config.version == "5"
        # One client for good: it remembers which commands of QoS 2 it has taken, over connections.
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"recorder-{topics.node_id}",
            protocol=MQTTProtocolVersion.MQTTv5 if self.is_v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self.client.connect_timeout = CONNECT_WITHIN_S
        self.client.max_inflight_messages_set(IN_FLIGHT)
        self.client.will_set(topics.availability, "offline", qos=1, retain=True)
        if config.username:
            self.client.username_pw_set(config.username, config.password or None)

    def connect(self) -> None:
        """Open the connection and send CONNECT. Blocks. OSError: it can't be opened, or a certificate can't be read."""
        config = self._config
        if config.is_tls:
            self._prepare_tls()
        if self.is_v5:
            wishes = properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_S, MaximumPacketSize=MOST_BYTES)
            self.client.connect(config.host, config.port, KEEP_ALIVE_S, clean_start=False, properties=wishes)
        else:
            self.client.connect(config.host, config.port, KEEP_ALIVE_S)

    def subscribe(self) -> None:
        """Ask for every line's requests, but for retained ones where the protocol can say so; and for our own info.

        Info that is not ours is a second box's. A broker may tell of one with reason 0x8E, or not at all.
        """
        if self.is_v5:
            options = SubscribeOptions(
                qos=2, retainAsPublished=False, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
            )
            self.client.subscribe(self._topics.requests, options=options)
        else:
            self.client.subscribe(self._topics.requests, qos=2)
        self.client.subscribe(self._topics.info, qos=1)

    def _prepare_tls(self) -> None:
        config = self._config
        if self._tls is None:
            self._tls = tls_context(config)
            self.client.tls_set_context(self._tls)
        load_certificate(self._tls, config)  # each time: it may have been renewed


def tls_context(config: MqttConfig) -> ssl.SSLContext:
    """Whom to take for the broker. OSError: `ca` can't be read."""
    with _naming(config.ca):
        context = ssl.create_default_context(cafile=config.ca)  # an own CA is trusted alone
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def load_certificate(context: ssl.SSLContext, config: MqttConfig) -> None:
    """What we prove ourselves with, if there is a certificate. OSError: it can't be read."""
    if config.cert is not None:
        with _naming(config.cert, config.key):
            context.load_cert_chain(config.cert, config.key)


def properties(packet_type: int, **values: object) -> Properties:
    """Properties of MQTT 5 for a packet of that type, by the names of section 2.2.2.2."""
    made = Properties(packet_type)  # type: ignore[no-untyped-call]  # because paho does not annotate it
    for name, value in values.items():
        setattr(made, name, value)
    return made


@contextmanager
def _naming(*files: Path | None) -> Iterator[None]:
    """Say in an OSError which files are meant: those of ssl don't."""
    try:
        yield
    except OSError as error:
        names = " and ".join(str(file) for file in files if file is not None)
        raise OSError(f"{names}: {error.strerror or error}") from error
