"""Recordings that nobody commands, and the line's defaults, which every start takes."""

import itertools
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.noise import is_part_of
from tests.speech import speech
from tests.tones import hiss
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
QUIET_S, SPEECH_S, PERIOD_S = 1.0, 1.2, 3.7
WORDS = speech(RATE, 8.1 + SPEECH_S)[round(8.1 * RATE) :].tobytes()
SOURCE = hiss(QUIET_S) + WORDS + hiss(PERIOD_S - QUIET_S - SPEECH_S, seed=3)
DEFAULTS = {
    "lines.said.defaults": {"end_silence_timeout": 0.6, "pre_roll": 0.2, "format": "wav"},
    "lines.front.defaults": {"max_length": 0.3, "direction": "speak", "format": "wav", "terminators": "9"},
}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    device = {"device": f"file:{write_wav(tmp_path / 'line.wav', SOURCE)}", "loop": True}
    lines = {"said": {**device, "auto_record": "voice"}, "calls": {**device, "auto_record": "call"}, "front": device}
    with Box(tmp_path, lines, pre_roll_max=1, **DEFAULTS) as box:
        box.start("serve")
        box.start("capture")
        yield box


def told(box: Box, **wanted: str) -> list[dict[str, Any]]:
    """The params of the events with these params, each event once: after a kill it may be told again."""
    events = {event["event_id"]: event["params"] for event in list(box.events)}
    return [params for params in events.values() if wanted.items() <= params.items()]


def ended(box: Box, line: str) -> list[dict[str, Any]]:
    return [params for params in told(box, line=line) if "record" in params]


def call(box: Box, call_id: str, state: str, **more: object) -> None:
    params = {"call_id": call_id, "state": state, **more}
    box.until_ok({"line": "calls", "command": "call", "params": params})


def ask(box: Box, path: str, body: object = None) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(box.http + path, None if body is None else json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_each_speech_is_recorded_once_over_kills(box: Box) -> None:
    for least in (1, 2):
        until(lambda least=least: len(ended(box, "said")) >= least, 40, f"{least} recordings")
        box.kill("serve")
        box.start("serve")
    until(lambda: len(ended(box, "said")) >= 5, 40, "5 recordings")
    ends = ended(box, "said")[1:]  # the first may have begun while somebody spoke
    assert {(end["control_id"], end["state"], end["end_reason"]) for end in ends} == {
        ("auto", "finished", "end_silence")
    }
    begun = [end["start_time"] for end in ends]
    assert [later - earlier for earlier, later in itertools.pairwise(begun)] == pytest.approx(
        [PERIOD_S] * (len(ends) - 1), abs=0.15
    )
    for end in ends:
        place = (SOURCE * 2).find(read_wav(box.file_of(end["recording_id"]))) / 2 / RATE
        assert place % PERIOD_S == pytest.approx(QUIET_S - 0.2, abs=0.1)
        assert end["duration"] == pytest.approx(0.2 + SPEECH_S + 0.6, abs=0.35)


def test_each_call_is_recorded_from_its_begin(box: Box) -> None:
    call(box, "one", "begin", metadata={"who": "a"})
    until(lambda: told(box, call_id="one"), 20, "its first event")
    call(box, "one", "begin", metadata={"who": "b"})
    box.kill("serve")
    box.start("serve")
    call(box, "two", "begin")
    until(lambda: [p for p in told(box, call_id="one") if "record" in p], 20, "the end of the first")
    until(lambda: told(box, call_id="two"), 20, "its first event")
    refused = box.ask({"line": "calls", "record_call": {"control_id": "auto"}})
    assert (refused["status"], refused["code"]) == ("error", 409)
    call(box, "two", "end")
    until(lambda: [p for p in told(box, call_id="two") if "record" in p], 20, "the end of the second")
    for call_id in ("one", "two"):
        events = told(box, call_id=call_id)
        assert {(params["control_id"], params["recording_id"]) for params in events} == {
            ("auto", events[0]["recording_id"])
        }
        assert [params["state"] for params in events] == ["recording", "finished"]
        assert events[-1]["end_reason"] == "call_ended"
        assert is_part_of(read_wav(box.file_of(events[0]["recording_id"])), SOURCE * 30)
    assert len(ask(box, "/api/v1/recordings?line=calls")["recordings"]) == 2
    box.kill("serve")
    box.start("serve", {"RECORDER_HEADROOM_BYTES": str(1 << 60)})
    call(box, "three", "begin")
    until(lambda: told(box, call_id="three"), 20, "what came of it")
    box.kill("serve")
    box.start("serve")
    call(box, "three", "end")
    [end] = told(box, call_id="three")
    assert (end["state"], end["end_reason"], end["size"], "url" in end) == ("error", "start_failed", 0, False)
    assert "free" in end["error"]["message"]
    assert {event["seq"] for event in box.of(end["recording_id"])} == {0}


def test_every_door_takes_the_lines_defaults(box: Box) -> None:
    bodies = {
        "/api/v1/lines/front/commands": {"command": "calling.record", "params": {}},
        "/api/calling/calls": {"command": "calling.record", "id": "front", "params": {"control_id": "c"}},
        "/api/v1/lines/front/swml": {"sections": {"main": [{"record_call": {}}]}},
    }
    ids = [box.until_ok({"line": "front", "record_call": {}})["recording_id"]]
    box.until_ready()
    for path, body in bodies.items():
        answer = ask(box, path, body)
        ids.append(next(found for found in _ids(answer)))
    ids.append(box.until_ok({"line": "front", "record": {"max_length": 0.2}})["recording_id"])
    for recording_id in ids:
        end = box.end_of(recording_id)
        assert end["record"]["format"] == "wav"
        assert end["record"]["audio"]["direction"] == "speak"
        assert end["duration"] == (0.2 if recording_id == ids[-1] else 0.3)
        parameters = ask(box, f"/api/v1/recordings/{recording_id}")["parameters"]
        assert parameters["terminators"] == "9"


def _ids(answer: Any) -> Iterator[str]:
    """Every recording_id in an answer: its own, or that in the url of a document's variables."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key == "recording_id":
                yield value
            elif key == "record_call_url":
                yield value.partition("/recordings/")[2].partition(".")[0]
            else:
                yield from _ids(value)
