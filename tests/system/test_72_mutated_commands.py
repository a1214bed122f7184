"""Commands that are nearly right, through every door: an answer that is no 500, no traceback, a service that lives on.

FUZZ_EXAMPLES says how many, 200 by default.
"""

import copy
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.doors import DOORS, Door, Doors
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import MqttClient
from tests.system.api import box_of

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))
CODES = {200, 400, 404, 408, 409, 410, 413, 422, 503}
SEVERAL = {"control_id": "c", "terminators": "#*", "direction": "both", "max_length": 1.5, "end_silence_timeout": 2}
COMMANDS: list[dict[str, Any]] = [
    {"record_call": SEVERAL, "transaction": "t", "command_id": "i", "deadline": 4e9},
    {"record_call": {"initial_timeout": 1, "input_sensitivity": 50.0, "pre_roll": 0, "beep": False, "stereo": True}},
    {"command": "calling.record", "id": "call", "params": {"control_id": "c", "audio": {"format": "wav"}}},
    {"command": "calling.record", "params": {"record": {"audio": {"format": "wav", "beep_interval": 5}}}},
    {"command": "calling.record.pause", "params": {"control_id": "c", "behavior": "silence"}},
    {"command": "calling.record.resume", "id": "call", "params": {"control_id": "c"}},
    {"command": "calling.record.stop", "params": {"control_id": "c", "command_id": "j"}},
    {"stop_record_call": {"control_id": "c"}},
    {"command": "digit", "params": {"digit": "5"}},
    {"command": "call", "params": {"call_id": "call", "state": "begin", "project_id": "p", "metadata": {"a": "b"}}},
    {"command": "call", "params": {"call_id": "call", "state": "end"}},
    {"version": "1.0.0", "sections": {"main": [{"record_call": {"status_url": "http://example.com/x"}}]}},
]
ODD = [
    *("", " ", "\0", "\r\nX: y", "../../etc", "#", "+/#", "';--", "\ud800", "\u202e", "é" * 129, "x" * 70_000, "front"),
    *(0, -1, -0.0, 1e-9, 1e308, 2**63, -(2**64), 10**400, 86400.001, True, None, [], {}, [[]], {"": {}}, {"a": [None]}),
    *("NaN", "1", "true", "http://[::1", "http://127.0.0.1:1/\n", "javascript:1", "http://a@b@c/", "#" * 17),
]
odd = (
    st.sampled_from(ODD).map(copy.deepcopy)
    | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """One of the commands with some values, keys or whole objects replaced, added or taken away."""
    command = copy.deepcopy(draw(st.sampled_from(COMMANDS)))
    for _ in range(draw(st.integers(0, 3))):
        inside = draw(st.sampled_from(list(containers(command))))
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = draw(st.sampled_from(keys)) if keys and draw(st.booleans()) else draw(st.text(max_size=4))
        if isinstance(inside, list):
            inside.append(draw(odd))
        elif draw(st.integers(0, 4)) == 0:
            inside.pop(key, None)
        else:
            inside[key] = draw(odd | st.sampled_from(COMMANDS).map(copy.deepcopy))
    return command


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("box")
    with Mosquitto(folder) as broker, box_of(folder, mqtt={"url": broker.url}) as box:
        begin = {"command": "call", "params": {"call_id": "call", "state": "begin"}}
        box.until_ok({"line": "front", **begin})
        with MqttClient(broker.port) as client, Doors(box, client) as doors:
            client.until_online()
            yield doors
            for door in DOORS:
                assert doors.ask(door, json.dumps(begin).encode())[0] == 200
        assert box.process("serve").poll() is None
        assert "Traceback" not in box.log("serve")


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(command=mutated(), door=st.sampled_from(DOORS))
def test_a_command_that_is_nearly_right_is_answered_and_hurts_nobody(doors: Doors, command: Any, door: Door) -> None:
    code, body = doors.ask(door, json.dumps(command).encode())
    assert code in CODES
    told = json.loads(body)
    assert (told["status"] == "ok") == (code == 200) == ("data" in told)
    assert all(each["detail"] and each["status"] == str(code) for each in told.get("errors", ()))
    if code == 503:  # as many recordings live as may
        end = {"command": "call", "params": {"call_id": told_call(doors), "state": "end"}}
        assert doors.ask("control", json.dumps(end).encode())[0] == 200


def told_call(doors: Doors) -> str:
    """The id of the line's live call: that which a recording to be stopped belongs to."""
    _, body = doors.ask("control", b'{"stop_record_call": {}}')
    call_id: str = json.loads(body)["data"]["call_id"]
    return call_id
