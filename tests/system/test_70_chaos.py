"""The broker, the receivers and the service fail again and again while lines record: every event arrives everywhere.

Everywhere: at an MQTT subscriber, at its recording's status_url, and in the journal that HTTP gives out. In order
within its recording, none missing, and a repeat under its own event_id.
"""

import itertools
import json
import random
import threading
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE
from tests.fixtures.receiver import BREAK_OFF, HANG, SLAM, Receiver
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

LINES = [f"line{n}" for n in range(4)]
RECORDINGS, BROKER_KILLS, SERVE_KILLS = 200, 20, 10
KEEPING = ("persistence true", "autosave_on_changes true", "autosave_interval 1", "queue_qos0_messages true")
REDIRECT = (307, {"Location": "/elsewhere"})
FAILURES = {
    "/500": [500, 503],
    "/hang": [HANG, 200],
    "/break-off": [BREAK_OFF],
    "/slam": [SLAM],
    "/redirect": [REDIRECT],
}
Event = dict[str, Any]


class Witness:
    """Sees every event that the broker took, over its kills.

    It subscribes at QoS 0: mosquitto hands such a message to the socket of who is there before it acknowledges it, and
    keeps it for who is not; and acknowledgements of ours, on their way as the broker dies, could cost what came.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.events: list[Event] = []
        self._echoes: set[str] = set()
        self._numbers = itertools.count()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="witness", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._take
        self._client.on_connect = lambda client, *_: client.subscribe([(f"{BASE}/lines/+/event", 0), ("echo", 0)])
        self._client.reconnect_delay_set(1, 1)
        lasting = Properties(PacketTypes.CONNECT)
        lasting.SessionExpiryInterval = 3600
        self._client.connect("127.0.0.1", port, clean_start=False, properties=lasting)
        self._client.loop_start()
        self.is_here()
        kept = folder / "mosquitto.db"
        until(lambda: kept.exists() and b"witness" in kept.read_bytes(), 10, "the session on the broker's disk")

    def is_here(self) -> None:
        """Returns once we have all that the broker had kept for us until now."""
        mine = str(next(self._numbers))

        def echoed() -> bool:
            if self._client.is_connected() and mine not in self._echoes:
                self._client.publish("echo", mine)
            return mine in self._echoes

        until(echoed, 20, "an echo through the broker")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.topic == "echo":
            self._echoes.add(message.payload.decode())
        else:
            self.events.append(json.loads(message.payload))


class Caller:
    """Records on one line, one recording after another, until it has made enough and is told to stop."""

    def __init__(self, box: Box, line: str, urls: list[str], seed: int) -> None:
        self.begun: list[str] = []  # ids of recordings whose start was answered
        self._box, self._line, self._urls = box, line, urls
        self._chance = random.Random(seed)
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Returns once it has made its share of the recordings, and none of them lives."""
        self._enough.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        stop = {"line": self._line, "stop_record_call": {}}
        until(lambda: self._box.ask(stop)["code"] == 404, 20, "the end of what was left paused")

    def _live(self) -> None:
        while len(self.begun) < RECORDINGS // len(LINES) or not self._enough.is_set():
            try:
                self._record()
            except (OSError, ValueError):  # serve is away, or was killed before its whole answer was out
                self._enough.wait(0.05)

    def _record(self) -> None:
        url, seconds = self._chance.choice(self._urls), self._chance.uniform(0.05, 0.8)
        answer = self._box.ask({"line": self._line, "record_call": {"max_length": seconds, "status_url": url}})
        if answer["status"] != "ok":
            return
        self.begun.append(answer["data"]["recording_id"])
        control_id = {"params": {"control_id": answer["data"]["control_id"]}}
        for step in self._chance.choice([(), ("pause", "resume"), ("pause", "resume", "stop"), ("stop",)]):
            self._enough.wait(self._chance.uniform(0.0, seconds / 3))
            self._box.ask({"line": self._line, "command": f"calling.record.{step}", **control_id})


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path, *KEEPING, f"persistence_location {tmp_path}/") as broker:
        yield broker


@pytest.fixture
def box(tmp_path: Path, broker: Mosquitto, receiver: Receiver) -> Iterator[Box]:
    wav = write_wav(tmp_path / "line.wav", noise(8000 * 5))
    lines = {name: {"device": f"file:{wav}", "loop": True} for name in LINES}
    webhook = {"allow": [f"127.0.0.1:{receiver.port}"]}
    with Box(tmp_path, lines, mqtt={"url": broker.url}, webhook=webhook) as box:
        box.start("capture")
        box.start("serve")
        for line in LINES:
            box.until_ok({"line": line, "command": "call", "params": {"call_id": f"call-{line}", "state": "begin"}})
        yield box


def test_every_event_arrives_everywhere_whoever_is_killed(
    tmp_path: Path, box: Box, broker: Mosquitto, receiver: Receiver
) -> None:
    chance = random.Random(70)
    for path, failures in FAILURES.items():
        receiver.answer(path, *chance.choices([200, *failures], k=30), 200)
    witness = Witness(broker.port, tmp_path)
    urls = [receiver.url(path) for path in ("/good", *FAILURES)]
    callers = [Caller(box, line, urls, seed) for seed, line in enumerate(LINES)]
    for turn in range(BROKER_KILLS):
        seen = len(witness.events)
        until(lambda seen=seen: len(witness.events) > seen, 30, "an event through the broker")
        witness.is_here()
        broker.kill()
        with suppress(AssertionError):  # for a while that is a whim
            until(lambda: False, chance.uniform(0.0, 0.3))
        if turn % (BROKER_KILLS // SERVE_KILLS) == 0:
            box.kill("serve")
            box.start("serve")
        broker.start()
    for caller in callers:
        caller.finish()
    begun = {recording_id for caller in callers for recording_id in caller.begun}
    assert len(begun) >= RECORDINGS
    told = until(lambda: all_told(box, begun), 30, "the end of every recording in the journal")
    until(lambda: texts(got.event for got in receiver.got) >= texts(told), 180, "every event at its status_url")
    until(lambda: texts(witness.events) >= texts(told), 30, "every event at the MQTT subscriber")
    witness.close()
    judge(told, [got.event for got in receiver.got if got.target != "/elsewhere"], known(witness.events))
    assert receiver.on("/elsewhere") == []
    assert "Traceback" not in box.log("serve")


def all_told(box: Box, begun: set[str]) -> list[Event]:
    """The whole journal as HTTP gives it, once each of these recordings has its end in it; until then nothing."""
    told, after = [], 0
    while True:
        with urllib.request.urlopen(f"{box.http}/api/v1/events?after={after}&limit=1000", timeout=20) as answer:
            page = json.load(answer)
        if not page["events"]:
            break
        told += known(each["event"] for each in page["events"])
        after = page["next"]
    opened = {event["params"]["recording_id"] for event in told}
    ended = {event["params"]["recording_id"] for event in told if "record" in event["params"]}
    return told if ended == opened and ended >= begun else []


def known(events: Iterable[Event]) -> list[Event]:
    """Without what a start left that a kill cut off ahead of the journal: nobody had an answer, and it has no url."""
    return [event for event in list(events) if event["params"]["line"] in LINES]


def texts(events: Iterable[Event]) -> set[str]:
    return {json.dumps(event, sort_keys=True) for event in list(events)}


def judge(told: list[Event], *arrived: list[Event]) -> None:
    """In the journal each event stands once, in order; elsewhere the same ones arrived, each first time in order."""
    assert len({event["event_id"] for event in told}) == len(told)
    expected = by_recording(told)
    for recording_id, events in expected.items():
        assert [event["seq"] for event in events] == list(range(len(events))), recording_id
        assert events[-1]["params"]["end_reason"] in ("max_length", "stop_command")
        assert not any("record" in event["params"] for event in events[:-1])
    for events in arrived:
        first = list({event["event_id"]: event for event in events[::-1]}.values())[::-1]
        assert by_recording(first) == expected
        assert texts(events) == texts(told)  # a repeat says the same


def by_recording(events: Iterable[Event]) -> dict[str, list[Event]]:
    found = defaultdict(list)
    for event in events:
        found[event["params"]["recording_id"]].append(event)
    return dict(found)
