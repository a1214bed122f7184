"""One command means the same whatever door it comes through: the same answer and the same events.

Byte for byte, but for ids and times. The doors: the control socket, HTTP, MQTT.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.box import Box
from tests.fixtures.doors import DOORS, Door, Doors
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient
from tests.system.api import box_of
from tests.waiting import until

DOCUMENT = {"version": "1.0.0", "sections": {"main": [{"record_call": {"control_id": "document"}}]}}


def steer(verb: str, control_id: str, **params: object) -> dict[str, Any]:
    return {"command": f"calling.record.{verb}", "params": {"control_id": control_id, **params}}


def call(call_id: str, state: str, **params: object) -> dict[str, Any]:
    return {"command": "call", "params": {"call_id": call_id, "state": state, **params}}


# (command, code of its answer, events that the run has told once it is carried out)
SCRIPT: list[tuple[dict[str, Any], int, int]] = [
    (call("c", "begin", project_id="p", space_id="s", metadata={"agent": "Ünï"}), 200, 0),
    (call("front", "begin"), 422, 0),
    ({"record_call": {"control_id": "same", "terminators": "#", "stereo": True, "direction": "both"}}, 200, 1),
    ({"record_call": {"control_id": "same"}}, 409, 1),
    ({"command": "calling.record", "id": "c", "params": {"control_id": "same", "audio": {"format": "wav"}}}, 409, 1),
    (steer("pause", "same", behavior="silence"), 200, 2),
    (steer("pause", "same"), 200, 2),
    (steer("resume", "same"), 200, 3),
    (steer("resume", "same"), 200, 3),
    ({"command": "digit", "params": {"digit": "5"}}, 200, 3),
    ({"command": "digit", "id": "c", "params": {"digit": "#"}}, 200, 4),
    (steer("stop", "same"), 200, 4),
    (steer("pause", "same"), 410, 4),
    (steer("resume", "same"), 410, 4),
    (steer("stop", "never"), 404, 4),
    (steer("pause", "never", behavior="loudly"), 422, 4),
    ({"stop_record_call": {}}, 404, 4),
    ({"command": "calling.record", "params": {"control_id": "named", "record": {"audio": {"format": "wav"}}}}, 200, 5),
    ({"stop_call_record": {"control_id": "named"}}, 200, 6),
    ({"command": "calling.record", "params": {"audio": {}, "record": {"audio": {}}}}, 422, 6),
    ({"command": "calling.record", "params": {"audio": {"format": "ogg", "direction": "up", "beep": 1}}}, 422, 6),
    ({"record_call": {"stereo": "yes", "max_length": -1, "terminators": "#,x", "other": None}}, 422, 6),
    ({"record_call": {"direction": "listen"}}, 422, 6),
    ({"record_call": {"beep": True}}, 422, 6),
    ({"record_call": {"pre_roll": 3}}, 422, 6),
    ({"record_call": {"status_url": "ftp://x/\r\ny"}}, 422, 6),
    ({"record_call": {}, "id": "another"}, 404, 6),
    ({"record_call": {}, "deadline": 1.5}, 408, 6),
    ({"record_call": {}, "transaction": ["no", "list"]}, 422, 6),
    ({"record_call": {}, "stop_record_call": {}}, 422, 6),
    ({"command": "calling.recrod"}, 422, 6),
    ({"command": "digit", "params": {"digit": "12"}}, 422, 6),
    ({}, 422, 6),
    (DOCUMENT, 200, 7),
    ({"stop_record_call": {}}, 200, 8),
    ({"record": {"max_length": 0.05, "control_id": "x"}}, 422, 8),
    ({"record": {"max_length": 0.05, "initial_timeout": 0}}, 200, 10),
    ({"command": "digit", "params": {"digit": "1"}, "command_id": "once"}, 200, 10),
    ({"command": "digit", "params": {"digit": "1"}, "command_id": "once"}, 200, 10),
    ({"command": "digit", "params": {"digit": "2"}, "command_id": "once"}, 409, 10),
    ({"record_call": {"control_id": "last"}}, 200, 11),
    (call("c", "end"), 200, 12),
    (call("c", "end"), 200, 12),
    (call("c-never", "end"), 404, 12),
]

NO_COMMANDS = [
    b"",
    b"\0\xff\xfe",
    b"{",
    b'{"record_call": {"max_length": NaN}}',
    b"[" * 10_000,
    b'{"a":' * 50 + b"1" + b"}" * 50,
    b'{"transaction": 1, "transaction": 2}',
    b"null",
    b"[]",
    b'"record_call"',
    b"{}",
]


def plain(text: bytes) -> str:
    """What is left without what no two have in common: ids, links and times."""
    bare = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text.decode())
    bare = re.sub(r'https?://[^"]*', "URL", bare)
    return re.sub(r'"(timestamp|start_time|end_time|duration|size)":[\d.e-]+', r'"\1":0', bare)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto) -> Iterator[Box]:
    with box_of(tmp_path_factory.mktemp("box"), mqtt={"url": broker.url}) as box:
        box.until_ok({"line": "front", **call("warm-up", "begin")})
        box.until_ok({"line": "front", **call("warm-up", "end")})
        yield box


@pytest.fixture
def client(box: Box, broker: Mosquitto) -> Iterator[MqttClient]:  # noqa: ARG001 # because there must be one
    with MqttClient(broker.port) as client:
        client.until(lambda seen: (seen.topic, seen.payload) == (f"{BASE}/availability", b"online"))
        yield client


def journal(box: Box, after: int) -> tuple[int, bytes]:
    """(its last cursor, what HTTP answers) of the events behind a cursor."""
    with urllib.request.urlopen(f"{box.http}/api/v1/events?after={after}&limit=1000", timeout=20) as answer:
        body = answer.read()
    return json.loads(body)["next"], body


def run(box: Box, doors: Doors, door: Door) -> tuple[list[tuple[int, str]], list[bytes]]:
    """The answers to the whole script and the events that it caused, each as it was printed."""
    begin, _ = journal(box, 0)
    answers = []
    for number, (command, _, events) in enumerate(SCRIPT):
        asked = {"transaction": number, **command}
        if "command_id" in asked:
            asked["command_id"] += f" {door}"
        code, body = doors.ask(door, json.dumps(asked).encode())
        answers.append((code, plain(body)))
        until(lambda events=events: told(box, begin) >= events, 20, f"event {events} after {command}")
    _, body = journal(box, begin)
    return answers, [as_told(each["event"]) for each in json.loads(body)["events"]]


def told(box: Box, begin: int) -> int:
    return len(json.loads(journal(box, begin)[1])["events"])


def as_told(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def test_every_command_is_answered_and_told_of_alike_at_every_door(box: Box, client: MqttClient) -> None:
    with Doors(box, client) as doors:
        runs = {door: run(box, doors, door) for door in DOORS}
    answers, events = runs["control"]
    assert [code for code, _ in answers] == [code for _, code, _ in SCRIPT]
    assert [(json.loads(text)["status"], json.loads(text)["code"]) for _, text in answers] == [
        ("ok" if code == 200 else "error", code) for code, _ in answers
    ]
    for door in DOORS[1:]:
        for number, (ours, theirs) in enumerate(zip(runs[door][0], answers, strict=True)):
            assert ours == theirs, (door, SCRIPT[number])
        assert [plain(event) for event in runs[door][1]] == [plain(event) for event in events]


def test_an_event_has_the_same_bytes_everywhere(box: Box, client: MqttClient) -> None:
    begin, _ = journal(box, 0)
    ended = box.until_ok({"line": "front", "record": {"max_length": 0.05, "initial_timeout": 0, "terminators": ""}})
    over_mqtt = until(lambda: two_of(client, ended["recording_id"]))
    _, over_http = journal(box, begin)
    assert over_mqtt == [as_told(event) for event in box.of(ended["recording_id"])]
    assert over_mqtt == [as_told(each["event"]) for each in json.loads(over_http)["events"]]
    for event in over_mqtt:
        assert event in over_http


def two_of(client: MqttClient, recording_id: str) -> list[bytes]:
    """The recording's events as they came, once there are two."""
    seen = client.on("lines/front/event")
    came = [each.payload for each in seen if each.json["params"]["recording_id"] == recording_id]
    return came if len(came) == 2 else []


@pytest.mark.parametrize("payload", NO_COMMANDS, ids=lambda payload: repr(payload[:24]))
def test_what_is_no_command_is_refused_alike_at_both_network_doors(
    box: Box, client: MqttClient, payload: bytes
) -> None:
    with Doors(box, client) as doors:
        code, body = doors.ask("http", payload)
        assert (code, body) == doors.ask("mqtt", payload)
    assert code in (400, 422)
