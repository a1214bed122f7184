"""Whatever comes over MQTT: an answer that names what is wrong, never a traceback, never a dead service."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.contract.parameters import Parameters
from recorder.contract.readers import READERS
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import MqttClient
from tests.system.api import box_of
from tests.waiting import until

EXAMPLES = 100
REPLY = "recorder-reply/payloads"
CODES = {200, 400, 404, 408, 409, 410, 413, 422, 503}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
)
names = st.sampled_from([*READERS, "unknown"])
own = ["record", "audio", "behavior", "digit", "call_id", "state", "metadata", "command_id"]
keys = st.sampled_from([*(field.name for field in fields(Parameters)), *own])
parameters = st.dictionaries(keys | st.text(max_size=10), values, max_size=6)
envelopes = st.fixed_dictionaries(
    {"command": names},
    optional={"id": values, "params": parameters | values, "transaction": values, "deadline": values, "x": values},
)
verbs = st.dictionaries(
    st.sampled_from(["record_call", "stop_record_call", "version", "sections", "action"]),
    parameters | values,
    max_size=2,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttClient]:
    folder = tmp_path_factory.mktemp("box")
    with Mosquitto(folder) as broker, box_of(folder, mqtt={"url": broker.url}) as box:
        box.until_ok({"line": "front", "command": "call", "params": {"call_id": "k", "state": "begin"}})
        with MqttClient(broker.port) as client:
            client.until_online()
            yield client
        assert "Traceback" not in box.log("serve")
        assert box.ask({"line": "front", "command": "nonsense"})["code"] == 422


numbers = itertools.count()


def answer(client: MqttClient, payload: bytes) -> dict[str, Any]:
    mark = str(next(numbers)).encode()
    client.command(payload, qos=1, ResponseTopic=REPLY, CorrelationData=mark)
    told: dict[str, Any] = client.until(lambda seen: seen.correlation == mark and seen.topic == REPLY).json
    client.seen.clear()
    return told


bounded = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])


@bounded
@given(payload=st.binary(max_size=200))
def test_bytes_are_no_command(client: MqttClient, payload: bytes) -> None:
    assert answer(client, payload)["code"] in {400, 422}


@bounded
@given(command=values | envelopes | verbs)
def test_any_json_is_answered(client: MqttClient, command: Any) -> None:
    told = answer(client, json.dumps(command).encode())
    assert told["code"] in CODES
    assert (told["status"] == "ok") == (told["code"] == 200) == ("data" in told)
    assert ("errors" in told) == (told["code"] != 200)
    assert all(each["status"] and each["title"] for each in told.get("errors", ()))


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"version: 1.0.0\nsections:\n  main:\n    - stop_record_call: {}\n", 404),
        (b"stop_record_call: {}\ntransaction: 1\n", 404),
        (b"record_call:\n  terminators: #\n", 422),
        (b"record_call: {}\nrecord_call: {}\n", 400),
        (b"a: &x 1\nb: *x\n", 400),
        (b"on", 400),
        (b"- record_call", 400),
        (b"{record_call: {}}", 400),
    ],
)
def test_a_document_may_be_yaml(client: MqttClient, payload: bytes, code: int) -> None:
    until(lambda: client.ask({"stop_record_call": {}})["code"] == 404, what="the end of what other tests have begun")
    topic = f"{REPLY}/{next(numbers)}"
    client.command(payload, ResponseTopic=topic)
    assert client.until(lambda seen: seen.topic == topic).json["code"] == code
