"""The thread that talks to the broker. It takes messages from the loop, and only posts to it.

It drives paho with poll(2): paho's own loop uses select(2), which ends at file descriptor 1024.
"""

import asyncio
import logging
import os
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from recorder.bridge.mqtt.client import Broker, properties
from recorder.bridge.mqtt.messages import Publication, Request, Verdict
from recorder.bridge.mqtt.pace import Loss, Pace
from recorder.contract.quoting import shown

log = logging.getLogger(__name__)

MOST_WAITING_BYTES = 16 << 20  # of requests that the loop has not taken; with so many, nothing more is read
TURN_S = 1.0  # paho looks after its keep-alive that often
PAUSED_S = 0.02
WELCOME_WITHIN_S = 5.0
STOP_WITHIN_S = 3.0
TAKEN_OVER = 0x8E  # MQTT 5, section 3.14.2.1: another connection used our client id


class Door(Protocol):
    """Whom the link tells, in the loop."""

    def connected(self) -> None:
        """The broker has let us in."""

    def lost(self, loss: Loss, retry_s: float) -> None:
        """There is no connection, and another will be tried in so many seconds."""

    def refused(self, what: str) -> None:
        """The broker refused what the door can't do without."""

    def asked(self, request: Request) -> None:
        """A message came in."""


class Link:
    """One session with the broker, over all its connections. Its public methods belong to the loop."""

    def __init__(self, broker: Broker, pace: Pace, door: Door) -> None:
        self._broker = broker
        self._pace = pace
        self._door = door
        self._client = broker.client
        self._outgoing: deque[Publication] = deque()
        self._settling: dict[int, Callable[[Verdict], None]] = {}  # by packet id
        self._loss: Loss | None = None
        self._grumble = ""  # what paho said last that went wrong
        self._connected_at = 0.0
        self._posted = self._taken = 0  # bytes of requests; the first is written by the thread, the second by the loop
        self._stopping = threading.Event()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._live, name="mqtt", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        # A logger that hears errors alone: for a log callback paho spells out every packet.
        errors = logging.Logger("paho", logging.ERROR)  # noqa: LOG001 # because it is this link's alone
        errors.addFilter(self._note)
        self._client.enable_logger(errors)

    def start(self) -> None:
        """Connect, and again whenever the connection is lost."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Disconnect in order. A thread that still waits for a broker is left behind; it tells nobody any more."""
        self._stopping.set()
        os.eventfd_write(self._wake, 1)
        await asyncio.to_thread(self._thread.join, STOP_WITHIN_S)

    def publish(self, publication: Publication) -> None:
        """Send a message, as soon as there is a connection."""
        self._outgoing.append(publication)
        os.eventfd_write(self._wake, 1)

    # The thread.

    def _live(self) -> None:
        while not self._stopping.is_set():
            loss = self._connection()
            lived_s = time.monotonic() - self._connected_at if self._connected_at else 0.0
            if not self._stopping.is_set():
                wait_s = self._pace.after(loss, lived_s)
                self._post(self._door.lost, loss, wait_s)
                self._stopping.wait(wait_s)

    def _connection(self) -> Loss:
        """One connection, from its beginning to its end; returns why it ended."""
        self._loss, self._grumble, self._connected_at = None, "", 0.0
        try:
            self._broker.connect()
            welcome_by = time.monotonic() + WELCOME_WITHIN_S
            while (sock := self._client.socket()) is not None and not self._may_leave():
                self._turn(sock)
                if not self._connected_at and time.monotonic() > welcome_by:
                    raise TimeoutError(f"the broker did not answer within {WELCOME_WITHIN_S:g} s")  # noqa: TRY301 # because it is one of the faults of a connection
            self._client.disconnect()
        except OSError as error:
            self._loss = self._loss or Loss(str(error) or type(error).__name__)
        except Exception:
            log.exception("mqtt: the connection is given up")
            self._loss = Loss("the broker sent what can't be understood; the log says more")
        self._cut()
        return self._loss or Loss("the connection was closed")

    def _may_leave(self) -> bool:
        """Whether the service ends, and everything was sent that could be."""
        unsent = self._client.is_connected() and (self._outgoing or self._client.want_write())
        return self._stopping.is_set() and not unsent

    def _cut(self) -> None:
        """Leave no socket open, so that the broker sees us go and publishes the Will."""
        left = self._client.socket()
        if left is not None:
            with suppress(OSError):
                left.close()

    def _turn(self, sock: Any) -> None:
        """Wait for the socket or for something to send, and see to it."""
        if self._client.is_connected():
            while self._outgoing:
                self._send(self._outgoing.popleft())
            sock = self._client.socket()
            if sock is None:
                return
        reading = self._posted - self._taken < MOST_WAITING_BYTES
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(sock, (select.POLLIN if reading else 0) | (select.POLLOUT if self._client.want_write() else 0))
        pending = reading and isinstance(sock, ssl.SSLSocket) and sock.pending()
        wait_s = 0.0 if pending else TURN_S if reading else PAUSED_S
        ready = dict(poll.poll(wait_s * 1000))
        if self._wake in ready:
            with suppress(BlockingIOError):
                os.eventfd_read(self._wake)
        seen = ready.get(sock.fileno(), 0)
        if pending or seen & (select.POLLIN | select.POLLHUP | select.POLLERR):
            self._client.loop_read()
        if seen & select.POLLOUT:
            self._client.loop_write()
        self._client.loop_misc()

    def _send(self, publication: Publication) -> None:
        about = None
        if publication.correlation is not None:
            about = properties(PacketTypes.PUBLISH, CorrelationData=publication.correlation)
        try:
            info = self._client.publish(
                publication.topic, publication.payload, publication.qos, publication.retain, about
            )
        except ValueError as error:
            log.error("mqtt: nothing can be published to %s: %s", shown(publication.topic), error)  # noqa: TRY400 # because the message says it all
            return
        if publication.settled is not None:
            self._settling[info.mid] = publication.settled

    def _post(self, told: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: the service ends
            self._loop.call_soon_threadsafe(told, *args)

    # What paho calls, on the thread.

    def _on_connect(
        self, _client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._loss = Loss(f"the broker refuses us: {reason}")
            return
        self._connected_at = time.monotonic()
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._broker.subscribe()
        self._post(self._door.connected)

    def _on_disconnect(
        self, _client: Client, _userdata: object, flags: DisconnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if self._loss is not None:
            return
        if flags.is_disconnect_packet_from_server:
            self._loss = Loss(f"the broker ended it: {reason}", taken_over=reason.value == TAKEN_OVER)
        else:
            self._loss = Loss(f"the connection broke: {self._grumble or reason}")

    def _note(self, record: logging.LogRecord) -> bool:
        """Keep what went wrong for the reason of a loss, and let nobody else hear of it."""
        self._grumble = record.getMessage()
        return False

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        for reason in reasons:
            if reason.is_failure:
                self._post(self._door.refused, f"a subscription is refused: {reason}")

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        now_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        # A message of QoS 2 is handed on a round trip after it came (0: over a new connection).
        waited_s = time.monotonic() - message.timestamp if message.timestamp else 0.0
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # the broker's fault: MQTT 5, section 1.5.4
        about = message.properties
        request = Request(
            topic=topic,
            payload=bytes(message.payload),
            retained=message.retain,
            response_topic=getattr(about, "ResponseTopic", None),
            correlation=getattr(about, "CorrelationData", None),
            arrived_ns=now_ns - round(waited_s * 1e9),
        )
        self._posted += len(request.payload)
        self._post(self._hand_on, request)

    def _hand_on(self, request: Request) -> None:
        self._taken += len(request.payload)
        self._door.asked(request)

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, reason: ReasonCode, _properties: object
    ) -> None:
        settled = self._settling.pop(mid, None)
        if settled is not None:
            self._post(settled, Verdict(reason.value, str(reason)))
