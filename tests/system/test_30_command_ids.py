"""A command that comes again with its command_id: done once, answered as the first time, whatever happened between."""

import json
import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box with one line of looped noise."""
    wav = write_wav(tmp_path / "line.wav", noise(8000 * 5))
    lines = {name: {"device": f"file:{wav}", "loop": True} for name in ("front", "back")}
    with Box(tmp_path, lines) as box:
        box.start("serve")
        box.start("capture")
        for line in lines:
            box.end_of(box.until_ok({"line": line, "record_call": {"max_length": 0.01}})["recording_id"])
        yield box


def record(**more: Any) -> dict[str, Any]:
    return {"line": "front", "command": "calling.record", "params": {"audio": {"format": "wav"}}, **more}


def begun(box: Box) -> set[str]:
    return {event["params"]["recording_id"] for event in box.events}


def test_a_repeat_does_nothing_and_gets_the_first_answer(box: Box) -> None:
    before = begun(box)
    first = box.ask(record(command_id="a", transaction="t1"))
    again = box.ask(record(command_id="a", transaction="t2", deadline=1.0))
    assert (first["code"], again["transaction"]) == (200, "t2")
    assert again["data"] == first["data"]
    in_params = record()
    in_params["params"]["command_id"] = "a"
    assert box.ask(in_params)["data"] == first["data"]
    stop = {"line": "front", "command_id": "b", "command": "calling.record.stop"}
    stop["params"] = {"control_id": first["data"]["control_id"]}
    stopped = box.ask(stop)
    box.end_of(first["data"]["recording_id"])
    assert box.ask(stop) == stopped
    assert begun(box) - before == {first["data"]["recording_id"]}


def test_another_body_with_the_same_id_is_refused(box: Box) -> None:
    first = box.ask(record(command_id="a"))
    others = [
        record(command_id="a", params={"audio": {"format": "wav", "stereo": True}}),
        record(command_id="a", line="back"),
        {"line": "front", "command_id": "a", "command": "digit", "params": {"digit": "1"}},
    ]
    for other in others:
        answer = box.ask(other)
        assert (answer["code"], answer["errors"][0]["attribute"]) == (409, "command_id")
    assert box.ask(record(command_id="a")) == first


def test_a_refusal_by_how_things_stand_is_kept_and_one_of_the_command_is_not(box: Box) -> None:
    stop = {"line": "front", "command_id": "a", "command": "calling.record.stop", "params": {"control_id": "c"}}
    refused = box.ask(stop)
    assert refused["code"] == 404
    box.until_ok({"line": "front", "record_call": {"control_id": "c"}})
    assert box.ask(stop) == refused
    wrong = {"line": "front", "record_call": {"command_id": "b", "max_length": -1}}
    assert box.ask(wrong)["code"] == 422
    right = {"line": "front", "record_call": {"command_id": "b", "max_length": 1}}
    assert box.ask(right)["code"] == 200
    late = {"line": "front", "command_id": "d", "deadline": 1.0, "command": "digit", "params": {"digit": "1"}}
    assert box.ask(late)["code"] == 408
    assert box.ask({**late, "deadline": 1e10})["code"] == 200


def test_repeats_that_come_at_once_are_carried_out_once(box: Box) -> None:
    before = begun(box)
    answers: list[dict[str, Any]] = []
    command = {"line": "front", "record": {"command_id": "a", "max_length": 0.5}}
    asking = [threading.Thread(target=lambda: answers.append(box.ask(command))) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(20)
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["data"]["record_result"] == "success"
    assert answers[0]["data"]["duration"] == 0.5
    until(lambda: begun(box) - before == {answers[0]["data"]["recording_id"]}, 5, "one recording")


def test_a_foreground_recording_is_answered_after_its_end_even_by_a_later_service(box: Box) -> None:
    command = {"line": "front", "record": {"command_id": "a", "max_length": 2.0, "terminators": ""}}
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(box.door))
        door.sendall(json.dumps(command).encode() + b"\n")
        until(lambda: any(event["params"]["state"] == "recording" for event in box.events[-1:]), 10, "its begin")
        box.kill("serve")
    box.start("serve")
    answer = box.until_ok(command)
    assert (answer["record_result"], answer["duration"], answer["end_reason"]) == ("success", 2.0, "max_length")
    assert box.ask(command)["data"] == answer


def test_a_command_answered_or_not_is_carried_out_once_over_kills(box: Box) -> None:
    """serve is killed while commands are on their way; each is repeated until it is answered, then once more."""
    before = begun(box)
    answered = {}
    chance = random.Random(30)
    box.kill("serve")
    serve = box.start("serve")
    for n in range(12):
        command = record(command_id=f"k{n}")
        with socket.socket(socket.AF_UNIX) as door:
            until(lambda door=door: door.connect_ex(str(box.door)) == 0, 20, "serve")
            door.sendall(json.dumps(command).encode() + b"\n")
            if n % 3:  # within the 10 ms in which it is read, journalled and answered; else the moment it is answered
                with suppress(subprocess.TimeoutExpired):
                    serve.wait(chance.uniform(0, 0.01))
            else:
                door.recv(1)
            box.kill("serve")
        serve = box.start("serve")
        answered[f"k{n}"] = box.until_ok(command)
        assert box.ask(command)["data"] == answered[f"k{n}"]
        stop = {"control_id": answered[f"k{n}"]["control_id"]}
        box.until_ok({"line": "front", "command": "calling.record.stop", "params": stop})
    ids = {answer["recording_id"] for answer in answered.values()}
    for recording_id in ids:
        box.end_of(recording_id)
    assert len(ids) == 12
    assert begun(box) - before == ids
