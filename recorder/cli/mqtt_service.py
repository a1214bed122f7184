"""The service over the broker of [mqtt]: its retained topics tell of the lines, commands go where any client's do."""

import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.client import Client as MqttClient
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from recorder.bridge.mqtt.client import load_certificate, properties, tls_context
from recorder.bridge.mqtt.topics import Topics
from recorder.cli.client import NoAnswer
from recorder.cli.service import Connected, Event, Lost, Told
from recorder.config.model import Config

T = TypeVar("T")
ANSWER_WITHIN_S = 10.0
SESSION_S = 300  # so long the broker keeps events for a watch that has lost it
RETRY_S = (1, 30)


class MqttService:
    """A Service. Its connection lives from `__enter__` to `__exit__`; paho's thread reads it, and connects again."""

    def __init__(self, config: Config) -> None:
        self._config = config.mqtt
        self._topics = Topics(config.mqtt.prefix, config.node_id)
        self._events = self._topics.of_line("+", "event")
        self._wanted = [
            *(self._topics.availability, self._topics.info, self._topics.health),
            *(self._topics.of_line("+", "state"), self._topics.of_line("+", "response")),
        ]
        self._changed = threading.Condition()  # guards what follows
        self._retained: dict[str, bytes] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._subscribed = self._lost = False
        self._fault = ""
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._client = self._make_client()

    def _make_client(self) -> MqttClient:
        is_v5 = self._config.version == "5"
        # Not the box's own name: with that we would take its session.
        client = MqttClient(
            CallbackAPIVersion.VERSION2,
            client_id=f"recorder-shell-{secrets.token_hex(8)}",
            protocol=MQTTProtocolVersion.MQTTv5 if is_v5 else MQTTProtocolVersion.MQTTv311,
        )
        client.reconnect_delay_set(*RETRY_S)
        if self._config.username:
            client.username_pw_set(self._config.username, self._config.password or None)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def __enter__(self) -> Self:
        config = self._config
        try:
            if config.is_tls:
                context = tls_context(config)
                load_certificate(context, config)
                self._client.tls_set_context(context)
            if config.version == "5":
                session = properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_S)
                self._client.connect(
                    config.host, config.port, clean_start=MQTT_CLEAN_START_FIRST_ONLY, properties=session
                )
            else:
                self._client.connect(config.host, config.port)
        except OSError as error:
            raise NoAnswer(f"no answer from {config.url}: {error.strerror or error}") from error
        self._client.loop_start()
        try:
            self._until(lambda: self._subscribed, f"{config.url} doesn't answer as a broker does")
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        """Leave the broker."""
        self._leave()

    def _leave(self) -> None:
        """Disconnect, and leave no session there."""
        ended = properties(PacketTypes.DISCONNECT, SessionExpiryInterval=0) if self._config.version == "5" else None
        self._client.disconnect(properties=ended)
        self._client.loop_stop()

    def lines(self) -> list[dict[str, Any]]:
        """As Service says; `up` too, once it is known."""
        node = f"box {self._topics.node_id} at {self._config.url}"
        self._until(lambda: self._topics.availability in self._retained, f"nothing is known of {node}")
        if self._retained[self._topics.availability] != b"online":
            raise NoAnswer(f"{node} is away")
        return self._until(self._lines_told, f"{node} doesn't tell of its lines")

    def command(self, line: str, command: Mapping[str, Any]) -> dict[str, Any]:
        """As Service says. It has a deadline: nothing is done once we have given up."""
        transaction = str(uuid.uuid4())
        deadline = time.time() + ANSWER_WITHIN_S
        request = {**command, "transaction": transaction, "deadline": deadline}
        self._client.publish(self._topics.of_line(line, "request"), json.dumps(request), qos=2)
        answer = self._until(lambda: self._answers.pop(transaction, None), f"line {line} doesn't answer")
        return {name: value for name, value in answer.items() if name != "transaction"}

    def follow(self, after: int | None = None) -> Iterator[Told]:  # noqa: ARG002 # because a broker keeps no events
        """As Service says, but from now on only."""
        self._wanted.append(self._events)
        with self._changed:
            self._subscribed = False
        self._subscribe(self._client)
        self._until(lambda: self._subscribed, f"{self._config.url} doesn't let us read events")
        yield Connected()
        while True:
            yield self._told.get()

    def _until(self, condition: Callable[[], T | None], otherwise: str) -> T:
        """Wait for something to be told. Raises NoAnswer."""
        with self._changed:
            give_up = time.monotonic() + ANSWER_WITHIN_S
            while not (found := condition()):
                left_s = give_up - time.monotonic()
                if self._fault or left_s <= 0:
                    raise NoAnswer(f"{self._config.url}: {self._fault}" if self._fault else otherwise)
                self._changed.wait(left_s)
            return found

    def _lines_told(self) -> list[dict[str, Any]] | None:
        """Every line's state; None while one is not told."""
        if self._topics.info not in self._retained:
            return None
        info, health = (_object(self._retained.get(topic, b"")) for topic in (self._topics.info, self._topics.health))
        lines, up = [], _ups(health)
        for name in (info or {}).get("lines", {}):
            state = _object(self._retained.get(self._topics.of_line(name, "state"), b""))
            if state is None:
                return None
            lines.append({"call": None, "recordings": [], **state, "line": name, "up": up.get(name)})
        return lines

    # What paho calls, on its thread.

    def _on_connect(
        self, client: MqttClient, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._fail(f"the broker refuses us: {reason}")
        else:
            self._subscribe(client)

    def _subscribe(self, client: MqttClient) -> None:
        client.subscribe([(topic, 1) for topic in self._wanted])

    def _on_subscribe(
        self, _client: MqttClient, _userdata: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        refused = [topic for topic, reason in zip(self._wanted, reasons, strict=False) if reason.is_failure]
        if refused:
            self._fail(f"the broker lets us not read {', '.join(refused)}")
            return
        if self._lost:
            self._told.put(Connected())
        with self._changed:
            self._subscribed, self._lost = True, False
            self._changed.notify_all()

    def _on_disconnect(
        self, _client: MqttClient, _userdata: object, _flags: DisconnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        self._lost = True
        self._told.put(Lost(f"{self._config.url} is away: {reason}"))

    def _on_message(self, _client: MqttClient, _userdata: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        read = _object(payload)
        if message.topic.endswith("/event"):
            if read is not None:
                self._told.put(Event(payload.decode()))
            return
        if message.topic == self._topics.health and read is not None:
            self._tell_lines(read)
        with self._changed:
            if message.topic.endswith("/response"):
                if read is not None:
                    self._answers[str(read.get("transaction"))] = read
            else:
                self._retained[message.topic] = payload
            self._changed.notify_all()

    def _tell_lines(self, health: Mapping[str, Any]) -> None:
        """Of those that have gone down or come back since the health before."""
        before = _ups(_object(self._retained.get(self._topics.health, b"")))
        for name, is_up in _ups(health).items():
            if before.get(name, is_up) != is_up:
                told = {"line": name, "up": is_up, "timestamp": health.get("timestamp", time.time())}
                self._told.put(Event(json.dumps(told)))

    def _fail(self, fault: str) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify_all()
        self._told.put(Lost(fault))


def _ups(health: Mapping[str, Any] | None) -> dict[str, bool]:
    """By line whether it has audio, as far as that is told."""
    lines = (health or {}).get("lines")
    return {name: bool(each.get("up")) for name, each in lines.items()} if isinstance(lines, dict) else {}


def _object(payload: bytes) -> dict[str, Any] | None:
    """The JSON object; None for anything else, since anybody may publish anything."""
    try:
        read = json.loads(payload)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
