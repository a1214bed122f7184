"""Calls as the contract has them: begun twice, ended twice, unknown, on two lines, and what they carry."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.box import Box
from tests.noise import noise
from tests.wav import write_wav


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    wav = write_wav(folder / "line.wav", noise(8000 * 5))
    lines = {name: {"device": f"file:{wav}", "loop": True} for name in ("front", "back")}
    with Box(folder, lines, project_id="ours", space_id="here") as box:
        box.start("serve")
        box.start("capture")
        for line in lines:
            box.end_of(box.until_ok({"line": line, "record_call": {"max_length": 0.01}})["recording_id"])
        yield box


def call(box: Box, state: str, call_id: str, line: str = "front", **more: Any) -> int:
    answer = box.ask({"line": line, "command": "call", "params": {"call_id": call_id, "state": state, **more}})
    return int(answer["code"])


def row(box: Box, recording_id: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{box.http}/api/v1/recordings/{recording_id}", timeout=10) as answer:
        return dict(json.load(answer))


def carried(box: Box) -> tuple[str, str, dict[str, str]]:
    """What a recording of the live call carries: project_id, space_id, and metadata in its sidecar."""
    started = box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
    box.end_of(started["recording_id"])
    event = box.of(started["recording_id"])[0]
    beside = json.loads(box.file_of(started["recording_id"]).with_suffix(".json").read_text())
    return event["project_id"], event["space_id"], beside["metadata"]


def test_begin_again_updates_what_is_given_and_keeps_the_rest(box: Box) -> None:
    assert call(box, "begin", "k", project_id="theirs", metadata={"a": "1"}) == 200
    assert carried(box) == ("theirs", "here", {"a": "1"})
    assert call(box, "begin", "k", metadata={"b": "2"}) == 200
    assert carried(box) == ("theirs", "here", {"b": "2"})
    assert call(box, "begin", "k", space_id="there") == 200
    assert carried(box) == ("theirs", "there", {"b": "2"})
    assert call(box, "end", "k") == 200
    assert carried(box) == ("ours", "here", {})


def test_what_a_call_comes_to_carry_stands_with_its_live_recordings(box: Box) -> None:
    assert call(box, "begin", "k1", metadata={"agent": "none yet"}) == 200
    rid = box.until_ok({"line": "front", "record_call": {}})["recording_id"]
    assert call(box, "begin", "k1", metadata={"agent": "Ada"}) == 200
    assert row(box, rid)["metadata"] == {"agent": "Ada"}
    assert call(box, "end", "k1") == 200
    box.end_of(rid)
    assert row(box, rid)["metadata"] == {"agent": "Ada"}
    assert json.loads(box.file_of(rid).with_suffix(".json").read_text())["metadata"] == {"agent": "Ada"}
    assert call(box, "begin", "k1", metadata={"agent": "Bob"}) == 200
    assert row(box, rid)["metadata"] == {"agent": "Ada"}
    assert call(box, "end", "k1") == 200


def test_an_id_beside_a_call_must_be_the_live_one_or_its_own(box: Box) -> None:
    def coded(call_id: str, state: str, id_: str) -> int:
        params = {"call_id": call_id, "state": state}
        return int(box.ask({"line": "front", "command": "call", "id": id_, "params": params})["code"])

    assert coded("k3", "begin", "other") == 404
    assert coded("k3", "begin", "k3") == 200
    assert coded("k3", "end", "other") == 404
    assert coded("k4", "begin", "k3") == 200
    assert coded("k4", "end", "k4") == 200
    assert coded("k4", "end", "k4") == 200


def test_a_call_may_live_on_one_line_only_and_bears_no_line_s_name(box: Box) -> None:
    assert call(box, "begin", "k2") == 200
    assert call(box, "begin", "k2", line="back") == 409
    assert call(box, "end", "k2", line="back") == 404
    assert call(box, "begin", "back") == 422
    assert call(box, "end", "k2") == 200
    assert call(box, "begin", "k2", line="back") == 200
    assert call(box, "end", "k2", line="back") == 200


def test_a_call_begun_by_a_recording_ends_with_its_last_one(box: Box) -> None:
    first = box.until_ok({"line": "front", "record_call": {}})
    second = box.until_ok({"line": "front", "record_call": {}})
    assert first["call_id"] == second["call_id"]
    for started in (first, second):
        about = {"control_id": started["control_id"]}
        stop = {"line": "front", "id": first["call_id"], "command": "calling.record.stop", "params": about}
        assert box.ask(stop)["code"] == 200
        box.end_of(started["recording_id"])
        assert box.ask(stop)["data"]["end_reason"] == "stop_command"
    assert box.ask({"line": "front", "id": first["call_id"], "record_call": {}})["code"] == 404
    third = box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
    assert third["call_id"] != first["call_id"]


def test_stop_without_a_control_id_ends_the_youngest(box: Box) -> None:
    older = box.until_ok({"line": "back", "record_call": {}})
    younger = box.until_ok({"line": "back", "record_call": {}})
    for expected in (younger, older):
        answer = box.until_ok({"line": "back", "stop_record_call": {}})
        assert answer["recording_id"] == expected["recording_id"]
        assert answer["stop_record_call_result"] == "success"
        box.end_of(expected["recording_id"])
    assert box.ask({"line": "back", "stop_record_call": {}})["code"] == 404


def test_stops_in_a_row_end_one_recording_each_though_none_has_been_heard_to_end(box: Box) -> None:
    ids = {box.until_ok({"line": "back", "record_call": {}})["recording_id"] for _ in range(4)}
    stopped = [box.until_ok({"line": "back", "stop_record_call": {}})["recording_id"] for _ in ids]
    assert sorted(stopped, reverse=True) == stopped
    assert set(stopped) == ids
    for recording_id in ids:
        assert box.end_of(recording_id)["end_reason"] == "stop_command"
