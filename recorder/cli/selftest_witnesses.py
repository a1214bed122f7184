"""Who is told of a self-test's recording: a receiver of webhooks of its own, and the configured broker."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self

from recorder.cli.client import NoAnswer
from recorder.cli.service import Event
from recorder.config.model import Config
from recorder.contract.places import Place

MOST_BYTES = 1 << 16
LOOPBACK = "127.0.0.1"


class Witness(Protocol):
    """`skipped`: why it is not asked; "": it is."""

    name: str
    skipped: str

    def states(self, recording_id: str) -> list[str]:
        """What it was told of the recording, in order, each state once."""


class Told:
    """Events as they come, from any thread."""

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []

    def take(self, text: str | bytes) -> None:
        """One event, or what claims to be one."""
        try:
            event = json.loads(text)
        except ValueError:
            return
        if isinstance(event, dict) and isinstance(event.get("params"), dict):
            self._events.append(event)

    def states(self, recording_id: str) -> list[str]:
        """As Witness says."""
        found = {
            event.get("seq"): str(event["params"].get("state"))
            for event in list(self._events)
            if event["params"].get("recording_id") == recording_id
        }
        return [found[seq] for seq in sorted(found, key=lambda seq: seq if isinstance(seq, int) else -1)]


class Receiver:
    """Listens on a loopback port that [webhook] allow names with its port; without one it is skipped."""

    name = "webhook"

    def __init__(self, config: Config) -> None:
        self.skipped, self.url = "", ""
        self._told = Told()
        self._server: ThreadingHTTPServer | None = None
        self._config = config

    def __enter__(self) -> Self:
        places = [Place.of(entry) for entry in self._config.webhook.allow]
        ports = [place.port for place in places if place.is_loopback and place.port is not None]
        self.skipped = f'[webhook] allow lets nothing on {LOOPBACK} through: add "{LOOPBACK}:PORT" for this test'
        for port in ports:
            try:
                self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(self._told))
            except OSError as error:
                self.skipped = f"{LOOPBACK}:{port}: {error.strerror}"
            else:
                self.skipped, self.url = "", f"http://{LOOPBACK}:{port}/selftest"
                threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
                break
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def states(self, recording_id: str) -> list[str]:
        """As Witness says."""
        return self._told.states(recording_id)


def _handler(told: Told) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.take(self.rfile.read(min(MOST_BYTES, int(self.headers.get("Content-Length", 0)))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Handler


class Broker:
    """Subscribes to the box's events at the configured broker; without one it is skipped."""

    name = "mqtt"

    def __init__(self, config: Config) -> None:
        self.skipped = "" if config.mqtt.url else "[mqtt] has no url"
        self._told = Told()
        self._config = config
        self._service: Any = None

    def __enter__(self) -> Self:
        if self.skipped:
            return self
        from recorder.cli.mqtt_service import MqttService  # noqa: PLC0415 # because HTTP needn't wait for paho to load

        try:
            self._service = MqttService(self._config).__enter__()
            told = self._service.follow()
            next(told)  # it is subscribed
        except NoAnswer as failed:
            self.skipped = failed.faults[0]
        else:
            threading.Thread(target=self._gather, args=(told,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._service is not None:
            self._service.__exit__(None, None, None)

    def states(self, recording_id: str) -> list[str]:
        """As Witness says."""
        return self._told.states(recording_id)

    def _gather(self, told: Any) -> None:
        for each in told:
            if isinstance(each, Event):
                self._told.take(each.text)
