"""Commands on the control socket of a whole box, and what becomes of them: answers, events, files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.noise import noise
from tests.wav import read_wav, write_wav

RATE = 8000
STEREO = noise(20 * RATE, 2)
SPEAK = b"".join(STEREO[n : n + 2] for n in range(0, len(STEREO), 4))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box with one stereo line of looped noise, so that every frame shows where it came from."""
    wav = write_wav(tmp_path / "line.wav", STEREO, channels=2)
    with Box(tmp_path, {"front": {"device": f"file:{wav}", "loop": True}}, pre_roll_max=10.0) as box:
        box.start("serve")
        box.start("capture")
        box.until_ok({"line": "front", "command": "call", "params": {"call_id": "warm-up", "state": "begin"}})
        box.until_ok({"line": "front", "command": "call", "params": {"call_id": "warm-up", "state": "end"}})
        yield box


def record(box: Box, **parameters: Any) -> dict[str, Any]:
    return box.until_ok({"line": "front", "record_call": parameters})


def tell(box: Box, command: str, **params: Any) -> dict[str, Any]:
    return box.ask({"line": "front", "command": f"calling.record.{command}", "params": params})


def place(pcm: bytes, frame_bytes: int) -> int:
    """The frame of the looped line at which a recorded stretch begins."""
    line = (STEREO if frame_bytes == 4 else SPEAK) * 2
    at = line.find(pcm)
    assert at >= 0, "not an unbroken stretch of the line"
    return at // frame_bytes


def states(box: Box, recording_id: str) -> list[str]:
    return [event["params"]["state"] for event in box.of(recording_id)]


def test_a_stereo_recording_has_speak_left_and_listen_right(box: Box) -> None:
    started = record(box, stereo=True, max_length=1.0)
    end = box.end_of(started["recording_id"])
    pcm = read_wav(box.file_of(started["recording_id"]))
    place(pcm, 4)
    assert (end["duration"], len(pcm), end["record"]["audio"]["stereo"]) == (1.0, 4 * RATE, True)


def test_recordings_of_one_line_run_side_by_side_each_with_its_own_parameters(box: Box) -> None:
    ids = [record(box, direction="speak", max_length=0.5 + 0.1 * n)["recording_id"] for n in range(8)]
    for n, recording_id in enumerate(ids):
        assert box.end_of(recording_id)["duration"] == pytest.approx(0.5 + 0.1 * n, abs=1e-9)
        place(read_wav(box.file_of(recording_id)), 2)


def test_pause_with_skip_leaves_the_time_out(box: Box) -> None:
    started = record(box, direction="speak", control_id="c")
    recording_id = started["recording_id"]
    assert tell(box, "pause", control_id="c")["code"] == 200
    assert tell(box, "pause", control_id="c")["code"] == 200  # success, and no event
    box.until_told(recording_id, lambda params: params["state"] == "paused")
    assert tell(box, "resume", control_id="c")["code"] == 200
    box.until_told(recording_id, lambda params: params["state"] == "recording" and box.of(recording_id)[-1]["seq"] == 2)
    assert tell(box, "stop", control_id="c")["data"]["recording_id"] == recording_id
    end = box.end_of(recording_id)
    assert states(box, recording_id) == ["recording", "paused", "recording", "finished"]
    assert [event["seq"] for event in box.of(recording_id)] == [0, 1, 2, 3]
    assert box.of(recording_id)[1]["params"]["pause_behavior"] == "skip"
    assert end["end_reason"] == "stop_command"
    lived = end["end_time"] - end["start_time"]
    assert end["duration"] < lived
    assert len(read_wav(box.file_of(recording_id))) == round(end["duration"] * RATE) * 2


def test_pause_with_silence_keeps_the_time_as_silence(box: Box) -> None:
    recording_id = record(box, direction="speak", control_id="c", max_length=1.5)["recording_id"]
    tell(box, "pause", control_id="c", behavior="silence")
    assert box.end_of(recording_id)["duration"] == 1.5
    pcm = read_wav(box.file_of(recording_id))
    spoken = len(pcm.rstrip(b"\0"))
    assert len(pcm) == 3 * RATE
    assert 0 < spoken < 2 * RATE
    place(pcm[: spoken - spoken % 2], 2)


def test_a_control_id_names_the_live_recording_then_the_last_one(box: Box) -> None:
    call = {"line": "front", "command": "call"}
    box.until_ok({**call, "params": {"call_id": "k", "state": "begin"}})
    first = record(box, control_id="c")
    again = box.ask({"line": "front", "record_call": {"control_id": "c"}})
    assert (again["code"], again["errors"][0]["attribute"]) == (409, "control_id")
    assert tell(box, "stop", control_id="c")["data"]["control_id"] == "c"
    assert tell(box, "pause", control_id="c")["code"] == 410  # whether or not its last frame is heard yet
    assert tell(box, "resume", control_id="c")["code"] == 410
    box.end_of(first["recording_id"])
    ended = tell(box, "stop", control_id="c")
    assert (ended["code"], ended["data"]["state"], ended["data"]["end_reason"]) == (200, "finished", "stop_command")
    assert tell(box, "pause", control_id="c")["code"] == 410
    assert tell(box, "resume", control_id="c")["code"] == 410
    assert tell(box, "stop", control_id="never")["code"] == 404
    assert record(box, control_id="c")["recording_id"] != first["recording_id"]


def test_the_end_of_a_call_ends_its_recordings(box: Box) -> None:
    call = {"line": "front", "command": "call"}
    params = {"call_id": "k1", "state": "begin", "project_id": "p", "metadata": {"caller": "Zoë"}}
    box.until_ok({**call, "params": params})
    recording_id = record(box)["recording_id"]
    wrong = box.ask({"line": "front", "id": "k0", "command": "digit", "params": {"digit": "1"}})
    assert wrong["code"] == 404
    assert box.ask({**call, "params": {"call_id": "k2", "state": "begin"}})["code"] == 200  # the end of k1 was lost
    end = box.end_of(recording_id)
    assert (end["end_reason"], end["call_id"], box.of(recording_id)[0]["project_id"]) == ("call_ended", "k1", "p")
    assert box.ask({**call, "params": {"call_id": "k2", "state": "end"}})["code"] == 200
    assert box.ask({**call, "params": {"call_id": "k2", "state": "end"}})["code"] == 200
    assert box.ask({**call, "params": {"call_id": "k3", "state": "end"}})["code"] == 404
    beside = json.loads(box.file_of(recording_id).with_suffix(".json").read_text())
    assert beside["metadata"] == {"caller": "Zoë"}
    assert "url" not in beside["event"]["params"]
    assert "metadata" not in json.dumps(box.of(recording_id))


def test_a_digit_that_was_sent_ends_the_recording_at_its_arrival(box: Box) -> None:
    recording_id = record(box, terminators="5*", direction="speak")["recording_id"]
    assert box.ask({"line": "front", "command": "digit", "params": {"digit": "1"}})["code"] == 200
    assert box.ask({"line": "front", "command": "digit", "params": {"digit": "*"}})["code"] == 200
    end = box.end_of(recording_id)
    assert (end["end_reason"], end["digit"]) == ("terminator", "*")
    place(read_wav(box.file_of(recording_id)), 2)


def test_pre_roll_starts_the_file_before_the_command_but_not_before_the_call(box: Box) -> None:
    far = record(box, direction="speak", pre_roll=10.0, max_length=11.0)["recording_id"]
    box.until_ok({"line": "front", "command": "call", "params": {"call_id": "k", "state": "begin"}})
    near = record(box, direction="speak", pre_roll=10.0, max_length=11.0)["recording_id"]
    for recording_id in (far, near):
        box.until_told(recording_id, lambda params: params["state"] == "recording")
    box.ask({"line": "front", "command": "call", "params": {"call_id": "k", "state": "end"}})
    assert box.end_of(near)["duration"] < 5
    place(read_wav(box.file_of(near)), 2)


def test_without_speech_in_time_it_ends_as_no_input_and_keeps_no_file(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "quiet.wav", bytes(2 * 5 * RATE))
    with Box(tmp_path, {"front": {"device": f"file:{wav}", "loop": True}}) as box:
        box.start("serve")
        box.start("capture")
        recording_id = box.until_ok({"line": "front", "record_call": {"initial_timeout": 0.5}})["recording_id"]
        end = box.end_of(recording_id)
        assert (end["state"], end["end_reason"], end["size"]) == ("no_input", "initial_timeout", 0)
        assert end["duration"] == 0.5
        assert "url" not in end
        assert "url" not in end["record"]
        assert list((tmp_path / "recordings").rglob(f"{recording_id}*")) == []


def test_no_more_than_16_recordings_live_on_a_line(box: Box) -> None:
    for _ in range(16):
        record(box)
    refused = box.ask({"line": "front", "record_call": {}})
    assert (refused["code"], refused["errors"][0]["code"]) == (503, "limit_reached")


HOSTILE: list[dict[str, Any]] = [
    {"max_length": 1e308},
    {"max_length": -1},
    {"max_length": True},
    {"max_length": "5"},
    {"max_length": None},
    {"terminators": "1,2"},
    {"terminators": 1},
    {"format": "../../etc/passwd"},
    {"direction": "x" * 10_000},
    {"control_id": "a\r\nb"},
    {"control_id": "a" * 10_000},
    {"status_url": "file:///etc/passwd"},
    {"input_sensitivity": 101},
    {"beep": True},
    {"stereo": 1},
    {"pre_roll": 3600},
    {"beep_interval": 1},
    {"nonsense": 1},
]


def test_a_bad_parameter_is_named_and_nothing_begins(box: Box) -> None:
    told = len(box.events)
    for parameters in HOSTILE:
        answer = box.ask({"line": "front", "record_call": parameters})
        assert (answer["status"], answer["code"]) == ("error", 422), parameters
        assert [error["attribute"] for error in answer["errors"]] == list(parameters)
    everything = {name: value for parameters in HOSTILE[5:] for name, value in parameters.items()}
    named = {error["attribute"] for error in box.ask({"line": "front", "record_call": everything})["errors"]}
    assert named == set(everything)
    assert record(box, max_length=0.1)["state"] in ("starting", "recording")
    assert {event["params"]["state"] for event in box.events[told:]} <= {"recording", "finished"}


def test_what_is_no_command_is_answered_and_the_socket_goes_on(box: Box) -> None:
    assert box.ask({"line": "nowhere", "record_call": {}})["code"] == 404
    assert box.ask({"record_call": {}})["code"] == 404
    assert box.ask({"line": "front"})["code"] == 422
    assert box.ask({"line": "front", "command": "calling.fly"})["code"] == 422
    late = {"line": "front", "command": "calling.record", "deadline": 1.0}
    assert box.ask({**late, "params": {"audio": {"format": "ogg"}}})["code"] == 422
    assert box.ask({**late, "params": {}})["code"] == 408
    assert box.ask({"line": "front", "transaction": "t-1", "record_call": {"max_length": 0.1}})["transaction"] == "t-1"
