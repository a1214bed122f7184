"""Commands over MQTT: section 3 through the door of section 5, and what no request may do."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from recorder.contract.events import event_bytes
from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient, Seen
from tests.system.api import box_of
from tests.waiting import until

REQUEST, RESPONSE = f"{BASE}/lines/front/request", f"{BASE}/lines/front/response"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto) -> Iterator[Box]:
    """A box with one line, and a retained request that waits for it at the broker."""
    with MqttClient(broker.port) as early:
        early.publish(REQUEST, b'{"record_call": {"control_id": "retained"}}', retain=True)
    mqtt = {"url": broker.url, "response_prefixes": ["recorder-reply/", "recorder/"]}
    with box_of(tmp_path_factory.mktemp("box"), mqtt=mqtt) as box:
        box.until_ok({"line": "front", "command": "call", "params": {"call_id": "warm-up", "state": "begin"}})
        yield box


@pytest.fixture
def client(broker: Mosquitto, box: Box) -> Iterator[MqttClient]:  # noqa: ARG001 # because there must be one
    with MqttClient(broker.port) as client:
        client.until_online()
        yield client


def refused(client: MqttClient, payload: bytes) -> dict[str, Any]:
    """The answer to a payload that can carry no transaction."""
    begin = len(client.seen)
    client.command(payload)
    answer: dict[str, Any] = client.until(lambda seen: seen.topic == RESPONSE, begin=begin).json
    assert answer["status"] == "error"
    return answer


def test_a_command_is_answered_and_carried_out(box: Box, client: MqttClient) -> None:
    answer = client.ask({"record_call": {"control_id": "c"}, "transaction": "mine"})
    assert (answer["transaction"], answer["status"], answer["code"]) == ("mine", "ok", 200)
    assert answer["data"]["control_id"] == "c"
    paused = client.ask({"command": "calling.record.pause", "params": {"control_id": "c"}})
    assert paused["data"]["recording_id"] == answer["data"]["recording_id"]
    assert client.ask({"command": "calling.record.stop", "params": {"control_id": "c"}})["code"] == 200
    assert box.end_of(answer["data"]["recording_id"])["end_reason"] == "stop_command"


def plain(answer: bytes) -> str:
    """An answer without what no two have in common: ids, links and times."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", answer.decode())
    text = re.sub(r'http://[^"]*', "URL", text)
    return re.sub(r'"(timestamp|start_time|end_time|duration|size)":[\d.]+', r'"\1":N', text)


def test_answers_and_events_are_those_of_the_control_socket_byte_for_byte(box: Box, client: MqttClient) -> None:
    commands: list[dict[str, Any]] = [
        {"record_call": {"control_id": "same", "terminators": "#"}},
        {"record_call": {"control_id": "same"}},
        {"command": "calling.record.pause", "params": {"control_id": "same", "behavior": "silence"}},
        {"command": "calling.record.resume", "params": {"control_id": "same"}},
        {"command": "digit", "params": {"digit": "#"}},
        {"record_call": {"stereo": 1, "format": "ogg", "direction": "up"}},
        {"command": "calling.record.stop", "params": {"control_id": "never"}},
        {"command": "callling.record"},
    ]
    events_after = [1, 1, 2, 3, 4, 4, 4, 4]
    told = []
    for ask in (client.answer_bytes, lambda command: box.answer_bytes({"line": "front", **command})):
        box.events.clear()
        answers = []
        for n, command in enumerate(commands):
            answers.append(plain(ask({"transaction": n, **command})))
            until(lambda n=n: len(of_control_id(box, "same")) == events_after[n])
        told.append((answers, [plain(event_bytes(event)) for event in of_control_id(box, "same")]))
    assert told[0] == told[1]
    assert [json.loads(answer)["code"] for answer in told[0][0]] == [200, 409, 200, 200, 200, 422, 404, 422]


def of_control_id(box: Box, control_id: str) -> list[dict[str, Any]]:
    return [event for event in list(box.events) if event["params"]["control_id"] == control_id]


def test_an_event_has_the_bytes_of_the_journal(box: Box, client: MqttClient) -> None:
    recording_id = client.ask({"record_call": {"max_length": 0.1}})["data"]["recording_id"]
    box.end_of(recording_id)
    until(lambda: len(events_of(client, recording_id)) == 2)
    assert [seen.json for seen in events_of(client, recording_id)] == box.of(recording_id)
    assert {(seen.qos, seen.retain) for seen in events_of(client, recording_id)} == {(1, False)}


def events_of(client: MqttClient, recording_id: str) -> list[Seen]:
    return [seen for seen in client.on("lines/front/event") if seen.json["params"]["recording_id"] == recording_id]


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_command_may_come_with_any_quality_of_service(client: MqttClient, qos: int) -> None:
    client.command({"command": "digit", "params": {"digit": "5"}, "transaction": f"qos {qos}"}, qos=qos)
    seen = client.until(lambda seen: seen.topic == RESPONSE and seen.json.get("transaction") == f"qos {qos}")
    assert (seen.json["code"], seen.qos, seen.retain) == (200, 1, False)


def test_commands_are_carried_out_in_the_order_in_which_they_come(client: MqttClient) -> None:
    for n in range(8):
        client.command({"record_call": {"control_id": f"n{n}"}, "transaction": 2 * n}, qos=1)
        client.command({"stop_record_call": {"control_id": f"n{n}"}, "transaction": 2 * n + 1}, qos=1)
    ours = range(16)
    until(lambda: len([a for a in client.on("lines/front/response") if a.json.get("transaction") in ours]) == 16)
    codes = {answer.json["transaction"]: answer.json["code"] for answer in client.on("lines/front/response")}
    assert codes == dict.fromkeys(ours, 200)


def test_a_retained_request_is_ignored(box: Box, client: MqttClient) -> None:
    client.until(lambda seen: seen.topic == REQUEST and seen.retain)
    assert not of_control_id(box, "retained")
    assert client.ask({"command": "calling.record.stop", "params": {"control_id": "retained"}})["code"] == 404


def test_a_request_for_a_line_that_is_not_there_is_answered(client: MqttClient) -> None:
    answer = client.ask({"record_call": {}}, line="attic")
    assert (answer["code"], answer["errors"][0]["attribute"]) == (404, "line")
    assert "front" in answer["errors"][0]["detail"]


def test_a_deadline_that_has_passed_is_told(client: MqttClient) -> None:
    assert client.ask({"record_call": {}, "deadline": 1})["code"] == 408


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", 400),
        (b"\0\xff\xfe", 400),
        (b"{", 400),
        (b'{"record_call": {"max_length": NaN}}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50 + b"1" + b"}" * 50, 400),
        (b'{"transaction": 1, "transaction": 2}', 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"record_call"', 422),
        (b"{}", 422),
        (b'{"record_call": {"max_length": 1e999}}', 422),
        (b'{"record_call": {"control_id": "\\ud800"}}', 422),
        (b'{"record_call": {}, "transaction": ["nested"]}', 422),
        (b'{"command": "digit", "params": {"digit": "12"}}', 422),
        (b'{"command": "calling.record", "params": {"' + b"k" * 500_000 + b'": 1}}', 422),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_payload_that_is_no_command_is_refused(client: MqttClient, payload: bytes, code: int) -> None:
    assert refused(client, payload)["code"] == code


def test_what_is_over_the_limit_never_reaches_us(client: MqttClient) -> None:
    begin = len(client.seen)
    client.command(b'{"transaction": "big", "x": "' + b"x" * (1 << 20) + b'"}')
    client.ask({"command": "digit", "params": {"digit": "1"}})  # came later, and is answered
    assert not [seen for seen in client.on("lines/front/response", begin) if seen.json.get("transaction") == "big"]


def test_an_answer_goes_to_the_response_topic_with_its_correlation_data(client: MqttClient) -> None:
    reply = "recorder-reply/desk/7"
    client.command({"command": "digit", "params": {"digit": "1"}}, ResponseTopic=reply, CorrelationData=b"\0\xff" * 128)
    seen = client.until(lambda seen: seen.topic == reply)
    assert (seen.correlation, seen.json["code"], seen.qos, seen.retain) == (b"\0\xff" * 128, 200, 1, False)


@pytest.mark.parametrize(
    "reply",
    [
        "elsewhere/desk",
        "recorder-reply/",
        "recorder-replyx",
        f"{BASE}/lines/front/request",
        f"{BASE}/availability",
        BASE,
        "$SYS/x",
        "recorder-reply/a\u200bb",
    ],
)
def test_no_answer_goes_to_another_topic(client: MqttClient, reply: str) -> None:
    begin = len(client.seen)
    client.command({"command": "digit", "params": {"digit": "1"}, "transaction": reply[:9]}, ResponseTopic=reply)
    client.until(lambda seen: seen.topic == RESPONSE and seen.json.get("transaction") == reply[:9], begin=begin)
    assert not [seen for seen in client.seen[begin:] if seen.topic == reply and "status" in seen.payload.decode()]


def test_correlation_data_that_is_too_long_is_left_out(client: MqttClient) -> None:
    client.command({"command": "digit", "params": {"digit": "1"}, "transaction": "long"}, CorrelationData=b"x" * 257)
    seen = client.until(lambda seen: seen.topic == RESPONSE and seen.json.get("transaction") == "long")
    assert (seen.correlation, seen.json["code"]) == (None, 200)


def test_record_is_answered_when_the_recording_has_ended(client: MqttClient) -> None:
    client.command({"record": {"max_length": 0.5, "initial_timeout": 0}, "transaction": "waits"})
    client.ask({"command": "digit", "params": {"digit": "1"}})  # is not held up by the one that waits
    answer = client.until(lambda seen: seen.topic == RESPONSE and seen.json.get("transaction") == "waits").json
    assert (answer["data"]["record_result"], answer["data"]["duration"]) == ("success", 0.5)


def test_the_log_has_no_traceback(box: Box, client: MqttClient) -> None:
    assert client.ask({"command": "digit", "params": {"digit": "1"}})["code"] == 200
    assert "Traceback" not in box.log("serve")
