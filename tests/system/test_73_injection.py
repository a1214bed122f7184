"""Hostile strings in every string that a command has, and links: each stays in its field, or is refused by name.

Where they could break out: a path, a topic, a header or the log by CR and LF, SQL, a page.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from recorder.contract.links import Links
from recorder.store import meta
from recorder.store.database import connect
from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient
from tests.fixtures.receiver import Receiver
from tests.system.api import box_of
from tests.waiting import until

STRINGS = [
    "../../../../../../tmp/escaped",
    "..",
    "a/../../b\\..\\c",
    "x\r\nX-Injected: yes\r\n\r\n{}",
    "x\nCRITICAL recorder: forged",
    "x\0y",
    "+/#",
    f"{BASE}/lines/front/request",
    "$SYS/broker",
    "'; DROP TABLE recordings; --",
    '" OR ""="',
    "%0d%0aX-Injected:%20yes",
    "%s%n{0}$(id)`id`",
    "<script>alert(1)</script>",
    "a\u2028b\u202ec",
    "Ünï-cödé",
]
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FILES = re.compile(
    rf"recordings(/\d+(/\d+(/\d+(/{UUID}\.(wav|mp3|json|track)(\.part)?)?)?)?)?"
    r"|(state|run|run-capture)(/[\w.-]+)?|(serve|capture)\.log|line\.wav|recorder\.toml"
)
TOPICS = re.compile(rf"{BASE}/(availability|info|health|lines/front/(state|event|response))")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto, receiver: Receiver) -> Iterator[Box]:
    webhook = {"allow": [f"127.0.0.1:{receiver.port}"]}
    with box_of(tmp_path_factory.mktemp("box"), mqtt={"url": broker.url}, webhook=webhook) as box:
        box.until_ok({"line": "front", **call("warm-up")})
        yield box


@pytest.fixture(scope="module")
def client(box: Box, broker: Mosquitto) -> Iterator[MqttClient]:  # noqa: ARG001 # because there must be one
    with MqttClient(broker.port) as client:
        client.until_online()
        yield client


def call(call_id: str, **params: object) -> dict[str, Any]:
    return {"command": "call", "params": {"call_id": call_id, "state": "begin", **params}}


def carried_out(box: Box, command: dict[str, Any], hostile: dict[str, object]) -> dict[str, Any]:
    """The data of a command without those of its hostile parameters that it is refused for."""
    verb = next(name for name in ("params", "record_call") if name in command)
    answer = box.ask({"line": "front", **command, verb: {**command[verb], **hostile}})
    if answer["code"] == 422:
        named = {each["attribute"].partition(".")[0].partition("[")[0] for each in answer["errors"]}
        assert named <= hostile.keys(), answer
        fit = {name: value for name, value in hostile.items() if name not in named}
        answer = box.ask({"line": "front", **command, verb: {**command[verb], **fit}})
    assert answer["code"] == 200, answer
    data: dict[str, Any] = answer["data"]
    return data


@pytest.mark.parametrize("string", STRINGS, ids=repr)
def test_a_string_of_a_command_stays_in_its_field(
    box: Box, client: MqttClient, receiver: Receiver, string: str
) -> None:
    began = len(receiver.got)
    metadata = {"metadata": {string: string}, "project_id": string, "space_id": string}
    call_id = carried_out(box, call("ordinary"), metadata | {"call_id": string})["call_id"]
    hook = receiver.url("/hook?x=")
    order = {"record_call": {"max_length": 0.05, "status_url": hook}}
    started = carried_out(box, order, {"control_id": string, "status_url": hook + string, "terminators": string})
    end = box.end_of(started["recording_id"])
    assert (end["call_id"], end["control_id"]) == (call_id, started["control_id"])
    assert {call_id, started["control_id"]} <= {"ordinary", string} or re.fullmatch(UUID, started["control_id"])

    [found] = requests.get(f"{box.http}/api/v1/recordings", params={"call": call_id, "limit": 1}, timeout=20).json()[
        "recordings"
    ]
    assert found["recording_id"] == started["recording_id"]
    assert found["metadata"] in ({}, {string: string})
    until(lambda: len(receiver.got) == began + 2, 20, "both events at the receiver")
    for got in receiver.got[began:]:
        assert got.target in ("/hook?x=", f"/hook?x={string.partition('#')[0]}")  # no fragment is sent
        assert "x-injected" not in {name.lower() for name in got.headers}
    until(lambda: len(events_of(client, started["recording_id"])) == 2, 20, "both events over MQTT")
    assert box.ask({"line": "front", "command": "digit", "params": {"digit": string}})["code"] == 422
    assert box.ask({"line": string, "command": "digit", "params": {"digit": "1"}})["code"] == 404
    assert box.ask({"line": "front", "command": string})["code"] == 422
    assert box.ask({"line": "front", string: {}})["code"] == 422
    nothing_broke_out(box, client)


def events_of(client: MqttClient, recording_id: str) -> list[dict[str, Any]]:
    told = [seen.json for seen in client.on("lines/front/event")]
    return [event for event in told if event["params"]["recording_id"] == recording_id]


def nothing_broke_out(box: Box, client: MqttClient) -> None:
    """Files, topics and log lines are those that they should be."""
    assert [path for path in paths(box.folder) if not FILES.fullmatch(path)] == []
    assert not Path("/tmp/escaped").exists()
    assert {seen.topic for seen in client.seen if not TOPICS.fullmatch(seen.topic)} <= requests_of(client)
    assert all(json.loads(line).keys() >= {"level", "logger", "message"} for line in box.log("serve").splitlines())


def paths(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]


def requests_of(client: MqttClient) -> set[str]:
    """The topics that this test itself published on."""
    return {seen.topic for seen in client.seen if seen.topic.endswith("/request")}


@pytest.mark.parametrize("string", [each for each in STRINGS if not set(each) & set("+#/\0\r\n")], ids=repr)
def test_a_line_of_a_topic_or_a_path_leads_nowhere_else(box: Box, client: MqttClient, string: str) -> None:
    client.command({"command": "digit", "params": {"digit": "1"}}, line=string)
    assert client.ask({"command": "digit", "params": {"digit": "1"}})["code"] == 200
    path = f"{box.http}/api/v1/lines/{requests.utils.quote(string, safe='')}/commands"
    answer = requests.post(path, json={"command": "digit", "params": {"digit": "1"}}, timeout=20)
    assert answer.status_code in (404, 405)
    assert "x-injected" not in answer.headers
    nothing_broke_out(box, client)


def test_what_is_secret_or_of_the_call_stands_in_no_retained_topic_and_no_sidecar(box: Box, client: MqttClient) -> None:
    box.until_ok({"line": "front", **call("private", metadata={"agent": "keep-this-here"})})
    started = box.until_ok({"line": "front", "record_call": {"control_id": "private"}})
    state = client.last("lines/front/state", lambda state: any(state["recordings"]))
    assert state["recordings"][0]["recording_id"] == started["recording_id"]
    box.until_ok({"line": "front", "stop_record_call": {}})
    box.end_of(started["recording_id"])
    signature = re.search("sig=([0-9a-f]+)", started["url"])
    assert signature is not None
    until(lambda: len(events_of(client, started["recording_id"])) == 2)
    retained = [seen.payload.decode() for seen in client.seen if not seen.topic.endswith(("/event", "/response"))]
    metrics = requests.get(f"{box.http}/metrics", timeout=20).text
    sidecar = box.file_of(started["recording_id"], "json").read_text()
    for text in (*retained, metrics, sidecar, box.log("serve")):
        assert signature[1] not in text
    for text in (*retained, metrics, box.log("serve"), json.dumps(box.of(started["recording_id"]))):
        assert "keep-this-here" not in text


def test_a_link_that_has_expired_or_is_another_file_s_opens_nothing(box: Box) -> None:
    ours, other = ended(box), ended(box)
    assert requests.get(ours["url"], timeout=20).status_code == 200
    key = key_of(box)
    for made_at, status in ((time.time() - 6 * 86400, 200), (time.time() - 8 * 86400, 403)):
        link = Links(box.http, key, 3600).make(ours["recording_id"], "wav", made_at)
        assert requests.get(link, timeout=20).status_code == status
    swapped = other["url"].replace(other["recording_id"], ours["recording_id"])
    assert requests.get(swapped, timeout=20).status_code == 403


def ended(box: Box) -> dict[str, Any]:
    data = box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
    box.end_of(data["recording_id"])
    return data


def key_of(box: Box) -> bytes:
    """The key that signs links, out of the database."""
    with closing(connect(box.folder / "state/recorder.db")) as connection:
        return bytes.fromhex(meta.get(connection, "link_key") or "")
