"""Events reach the broker whatever happens: each at least once, in order, with its one event_id."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.fixtures.broker import FakeBroker, Published
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import MqttClient
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

# mosquitto writes its sessions down at each change, so that a killed one knows its subscribers.
PERSISTENT = ("persistence true", "autosave_on_changes true", "autosave_interval 1")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder, *PERSISTENT, f"persistence_location {folder}/") as broker:
        yield broker


def box_at(folder: Path, url: str) -> Box:
    wav = write_wav(folder / "line.wav", noise(8000 * 5))
    return Box(folder, {"front": {"device": f"file:{wav}", "loop": True}}, mqtt={"url": url})


def record(box: Box, **parameters: Any) -> str:
    """A short recording, ended; its id."""
    recording_id: str = box.until_ok({"line": "front", "record_call": {"max_length": 0.05, **parameters}})[
        "recording_id"
    ]
    box.end_of(recording_id)
    return recording_id


def first_of_each(client: MqttClient) -> list[dict[str, Any]]:
    """The events in the order in which they came first; a repeat is the same again."""
    told: dict[str, dict[str, Any]] = {}
    for seen in client.on("lines/front/event"):
        assert told.setdefault(seen.json["event_id"], seen.json) == seen.json
    return list(told.values())


def test_events_wait_for_a_broker_that_is_away_and_come_in_order(tmp_path: Path, broker: Mosquitto) -> None:
    with MqttClient(broker.port, name="reader") as client, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        box.start("capture")
        record(box)
        until(lambda: first_of_each(client) == box.events, 20, "the first events")
        for _ in range(3):
            broker.kill()
            for _ in range(3):
                record(box)
            broker.start()
            record(box)
            until(lambda: len(first_of_each(client)) == len(box.events), 40, "all events")
        assert first_of_each(client) == box.events


def test_events_survive_a_kill_of_the_service_while_the_broker_is_away(tmp_path: Path, broker: Mosquitto) -> None:
    with MqttClient(broker.port, name="reader") as client, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        box.start("capture")
        record(box)
        broker.kill()
        ids = [record(box) for _ in range(3)]
        box.kill("serve")
        broker.start()
        box.start("serve")
        told = [(each, state) for each in ids for state in ("recording", "finished")]

        def came() -> list[tuple[str, str]]:
            params = [event["params"] for event in first_of_each(client)]
            return [(each["recording_id"], each["state"]) for each in params if each["recording_id"] in ids]

        until(lambda: len(came()) == len(told), 40, "what was told before the kill")
        assert came() == told


def deliveries(box: Box) -> list[tuple[str, int, str | None]]:
    connection = sqlite3.connect(f"file:{box.folder}/state/recorder.db?mode=ro", uri=True)
    try:
        return connection.execute("SELECT state, attempts, last_error FROM deliveries ORDER BY delivery").fetchall()
    finally:
        connection.close()


def events_at(broker: FakeBroker) -> list[Published]:
    return [each for each in broker.published if each.topic.endswith("/event")]


def test_an_event_refused_by_a_quota_is_sent_again(tmp_path: Path) -> None:
    def verdict(message: Published) -> int:
        return 0x97 if message.topic.endswith("/event") and len(events_at(broker)) == 1 else 0

    with FakeBroker(verdict) as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        box.start("capture")
        record(box)
        until(lambda: [state for state, *_ in deliveries(box)] == ["done", "done"], 20, "both done")
        payloads = [each.payload for each in events_at(broker)]
    assert (len(payloads), len(set(payloads)), payloads.count(payloads[0])) == (3, 2, 2)


def test_an_event_refused_for_good_is_kept_shown_and_passed_over(tmp_path: Path) -> None:
    def verdict(message: Published) -> int:
        return 0x87 if b'"seq":0,' in message.payload else 0x10

    with FakeBroker(verdict) as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        box.start("capture")
        record(box)
        until(lambda: [state for state, *_ in deliveries(box)] == ["given_up", "done"], 20, "one of each")
        assert deliveries(box)[0][1:] == (1, "refused by the broker: Not authorized (0x87)")
        until(lambda: "passed over" in box.log("serve"))
        assert len(events_at(broker)) == 2


def test_an_event_that_is_not_acknowledged_is_sent_again_over_the_next_connection(tmp_path: Path) -> None:
    def verdict(message: Published) -> int | None:
        return None if len(broker.connects) == 1 and message.topic.endswith("/event") else 0

    with FakeBroker(verdict) as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        box.start("capture")
        record(box)
        until(lambda: len(events_at(broker)) == 2, 20, "both events")
        assert [state for state, *_ in deliveries(box)] == ["pending", "pending"]
        broker.drop()
        until(lambda: [state for state, *_ in deliveries(box)] == ["done", "done"], 20, "both done")
        first, again = events_at(broker)[:2], events_at(broker)[2:]
    assert [(each.payload, each.qos) for each in again] == [(each.payload, 1) for each in first]
    assert [each.dup for each in again] == [True, True]
