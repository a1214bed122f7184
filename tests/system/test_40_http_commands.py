"""Commands and documents over HTTP, against the real daemon."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.box import Box
from tests.system.api import box_of, fault
from tests.waiting import until

DOCUMENT = {"version": "1.0.0", "sections": {"main": [{"record_call": {"control_id": "doc", "max_length": 0.2}}]}}
FUNCTION_RESULT = {"response": "", "action": [{"SWML": DOCUMENT}]}
YAML = """
version: 1.0.0
sections:
  main:
  - record_call:
      max_length: 0.2
      terminators: "#"
"""
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with box_of(tmp_path_factory.mktemp("box")) as box:
        box.until_ready()
        yield box


def post(box: Box, path: str, body: Any, **headers: str) -> requests.Response:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return requests.post(box.http + path, data=data, headers={**JSON, **headers}, timeout=20)


def command(box: Box, body: Any, **headers: str) -> requests.Response:
    return post(box, "/api/v1/lines/front/commands", body, **headers)


def call(box: Box, body: Any, **headers: str) -> requests.Response:
    return post(box, "/api/calling/calls", body, **headers)


def without_ids(data: Any) -> str:
    """An answer's shape: keys and whatever is neither an id nor a time."""
    return json.dumps({key: value if key in {"state", "status", "code"} else "" for key, value in data.items()})


def test_a_command_means_and_answers_the_same_as_on_the_control_socket(box: Box) -> None:
    for body in (
        {"record_call": {"control_id": "same"}, "transaction": "t-1"},
        {"command": "calling.record.stop", "params": {"control_id": "same"}, "transaction": 7},
        {"command": "digit", "params": {"digit": "5"}},
        {"command": "calling.record.pause", "params": {"control_id": "nobody"}, "transaction": "t-2"},
        {"command": "record_calls", "params": {}, "transaction": "t-3"},
        {"record_call": {"format": "mp3", "max_length": -1}},
    ):
        over_http = command(box, body)
        answer = over_http.json()
        if "record_call" in body and answer["status"] == "ok":
            box.until_told(answer["data"]["recording_id"], lambda params: params["state"] == "recording")
            box.ask({"line": "front", "command": "calling.record.stop", "params": {"control_id": "same"}})
            box.end_of(answer["data"]["recording_id"])
        on_socket = box.ask({"line": "front", **body})
        assert over_http.status_code == answer["code"] == on_socket["code"]
        assert {**answer, "data": ""} == {**on_socket, "data": ""}
        assert without_ids(answer.get("data", {})) == without_ids(on_socket.get("data", {}))


def test_a_whole_recording_is_commanded_and_told(box: Box) -> None:
    started = command(box, {"record_call": {"control_id": "whole"}}).json()["data"]
    box.until_told(started["recording_id"], lambda params: params["state"] == "recording")
    for name in ("pause", "resume", "stop"):
        assert command(box, {"command": f"calling.record.{name}", "params": {"control_id": "whole"}}).status_code == 200
    assert box.end_of(started["recording_id"])["end_reason"] == "stop_command"
    assert [event["params"]["state"] for event in box.of(started["recording_id"])] == [
        "recording",
        "paused",
        "recording",
        "finished",
    ]
    again = command(box, {"command": "calling.record.stop", "params": {"control_id": "whole"}}).json()["data"]
    assert again["end_reason"] == "stop_command"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "invalid_json", "")),
        (b"[1]", "application/json", (422, "invalid_parameter", "")),
        (b'{"a":1,"a":2}', "application/json", (400, "invalid_json", "")),
        (b'{"command":"digit","params":{"digit":NaN}}', "application/json", (400, "invalid_json", "")),
        (b"[" * 100_000, "application/json", (400, "invalid_json", "")),
        (b"\xff", "application/json", (400, "invalid_json", "")),
        (b"", "application/json", (400, "invalid_json", "")),
        (b"{}", "text/plain", (415, "unsupported_media_type", "")),
        (b"a=b", "application/x-www-form-urlencoded", (415, "unsupported_media_type", "")),
        (b"a: &x [*x]", "application/yaml", (400, "invalid_yaml", "")),
        (b"a: !!python/object/apply:os.getcwd []", "application/yaml", (400, "invalid_yaml", "")),
        (b"[" * 100_000, "application/yaml", (400, "invalid_yaml", "")),
        (b"{}", "application/json", (422, "missing_parameter", "command")),
        (b" " * ((1 << 20) + 1), "application/json", (413, "too_large", "")),
    ],
)
def test_a_body_that_is_no_command_is_refused(box: Box, body: bytes, content_type: str, expected: object) -> None:
    assert fault(command(box, body, **{"Content-Type": content_type})) == expected


def test_a_body_without_a_type_is_refused(box: Box) -> None:
    answer = requests.post(
        f"{box.http}/api/v1/lines/front/commands", data=b"{}", headers={"Content-Type": ""}, timeout=20
    )
    assert fault(answer)[0] == 415


def test_every_fault_is_named_at_once(box: Box) -> None:
    errors = command(box, {"record_call": {"max_length": "long", "directon": "both", "beep": True}}).json()["errors"]
    assert {error["attribute"] for error in errors} == {"max_length", "directon", "beep"}


@pytest.mark.parametrize("line", ["back", "..", "%2e%2e", "fro%0d%0ant", "fr%00nt", "front%27%20OR%201=1", "ü" * 50])
def test_a_line_that_is_none_is_404(box: Box, line: str) -> None:
    answer = post(box, f"/api/v1/lines/{line}/commands", {"record_call": {}})
    assert fault(answer)[0] == 404


# Idempotency-Key.


def test_an_idempotency_key_does_it_once(box: Box) -> None:
    body = {"record_call": {"max_length": 0.2}}
    first = command(box, body, **{"Idempotency-Key": "once-1"}).json()
    again = command(box, body, **{"Idempotency-Key": '"once-1"'}).json()
    assert first == again
    assert fault(command(box, {"record_call": {}}, **{"Idempotency-Key": "once-1"})) == (409, "conflict", "command_id")
    assert fault(command(box, {**body, "command_id": "x"}, **{"Idempotency-Key": "y"}))[:2] == (
        422,
        "conflicting_parameters",
    )
    assert box.end_of(first["data"]["recording_id"])["end_reason"] == "max_length"


@pytest.mark.parametrize("key", ["", "x" * 129, "\xff\xfe\x80"])
def test_an_idempotency_key_that_is_unfit_is_refused(box: Box, key: str) -> None:
    answer = command(box, {"record_call": {}}, **{"Idempotency-Key": key.encode("latin-1").decode("latin-1")})
    assert answer.status_code == 422


# Documents.


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(DOCUMENT), "application/json"),
        (json.dumps(FUNCTION_RESULT), "application/json"),
        (YAML, "application/yaml"),
        (YAML, "text/yaml; charset=utf-8"),
    ],
)
def test_a_document_runs_and_answers_with_its_variables(box: Box, body: str, content_type: str) -> None:
    answer = post(box, "/api/v1/lines/front/swml", body, **{"Content-Type": content_type})
    assert answer.status_code == 200, answer.text
    run = answer.json()
    assert run["state"] == "ended"
    assert run["variables"]["record_call_result"] == "success"
    recording_id = run["variables"]["record_call_url"].rpartition("/")[2].partition(".")[0]
    assert box.end_of(recording_id)["end_reason"] == "max_length"
    assert {event["event_channel"] for event in box.of(recording_id)} == {f"swml:{run['run_id']}"}
    assert requests.get(f"{box.http}/api/v1/runs/{run['run_id']}", timeout=20).json() == run


def test_a_document_that_takes_longer_is_told_of_later(box: Box) -> None:
    document = {"sections": {"main": [{"record": {"max_length": 0.5, "terminators": ""}}]}}
    answer = post(box, "/api/v1/lines/front/swml?wait=0", document)
    assert answer.status_code == 202
    assert answer.json()["state"] == "running"
    about = f"{box.http}/api/v1/runs/{answer.json()['run_id']}"
    run = until(lambda: (told := requests.get(about, timeout=20).json())["state"] == "ended" and told)
    assert run["variables"]["record_result"] == "success"
    assert run["variables"]["record_url"].startswith(box.http)


@pytest.mark.parametrize(
    ("document", "path", "status"),
    [
        ({"sections": {"main": [{"play": {"url": "x"}}]}}, "/swml", 422),
        ({"sections": {"main": [{"record_call": {"format": "ogg"}}]}}, "/swml", 422),
        ({"record_call": {}}, "/swml", 422),
        (DOCUMENT, "/swml?wait=-1", 422),
        (DOCUMENT, "/swml?wait=61", 422),
        (DOCUMENT, "/swml?wait=x", 422),
        (DOCUMENT, "/swml?wait=1&wait=2", 422),
        (DOCUMENT, "/swml?weight=1", 422),
    ],
)
def test_a_document_that_cant_run_is_refused(box: Box, document: object, path: str, status: int) -> None:
    assert fault(post(box, f"/api/v1/lines/front{path}", document))[0] == status


@pytest.mark.parametrize("verb", ["stop_record_call", "stop_call_record"])
@pytest.mark.parametrize("named", [{}, {"control_id": "nobody"}])
def test_a_stop_of_nothing_is_404_and_its_variable_failed(box: Box, verb: str, named: dict[str, str]) -> None:
    document = {"sections": {"main": [{verb: named}]}}
    until(lambda: not requests.get(f"{box.http}/api/v1/lines", timeout=20).json()["lines"][0]["recordings"])
    answer = post(box, "/api/v1/lines/front/swml", document)
    assert fault(answer) == (404, "not_found", "control_id")
    run = answer.json()
    assert run["variables"] == {"stop_record_call_result": "failed"}
    assert requests.get(f"{box.http}/api/v1/runs/{run['run_id']}", timeout=20).json() == run


def test_a_record_call_whose_control_id_is_taken_is_409_and_its_variable_failed(box: Box) -> None:
    assert command(box, {"record_call": {"control_id": "taken"}}).status_code == 200
    document = {"sections": {"main": [{"record_call": {"control_id": "taken"}}]}}
    answer = post(box, "/api/v1/lines/front/swml", document)
    assert fault(answer) == (409, "conflict", "control_id")
    assert answer.json()["variables"] == {"record_call_result": "failed"}
    assert command(box, {"stop_record_call": {"control_id": "taken"}}).status_code == 200


def test_a_run_that_is_none_is_404(box: Box) -> None:
    assert fault(requests.get(f"{box.http}/api/v1/runs/nobody", timeout=20)) == (404, "not_found", "id")


# SignalWire's path.


def test_a_lines_id_begins_a_call_and_its_call_id_goes_on_with_it(box: Box) -> None:
    started = call(box, {"command": "calling.record", "id": "front", "params": {"audio": {"format": "wav"}}}).json()
    assert set(started) == {"id", "status", "type", "project_id", "control_id", "recording_id", "url", "state"}
    assert (started["status"], started["type"]) == ("answered", "relay_sip_call")
    params = {"control_id": started["control_id"]}
    box.until_told(started["recording_id"], lambda params: params["state"] == "recording")
    paused = call(box, {"command": "calling.record.pause", "id": started["id"], "params": params}).json()
    assert paused["id"] == started["id"]
    box.until_told(started["recording_id"], lambda params: params["state"] == "paused")
    call(box, {"command": "calling.record.resume", "id": "front", "params": params})
    stopped = call(box, {"command": "calling.record.stop", "id": started["id"], "params": params})
    assert stopped.status_code == 200
    box.end_of(started["recording_id"])
    until(lambda: requests.get(f"{box.http}/api/v1/lines", timeout=20).json()["lines"][0]["call"] is None)
    ended = call(box, {"command": "calling.record.stop", "id": started["id"], "params": params}).json()
    assert (ended["status"], ended["state"], ended["project_id"]) == ("ended", "finished", started["project_id"])
    gone = call(box, {"command": "calling.record.pause", "id": started["id"], "params": params})
    assert fault(gone) == (410, "gone", "control_id")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"command": "calling.record", "params": {}}, (422, "missing_parameter", "id")),
        ({"command": "calling.record", "params": {}, "id": "a b"}, (422, "invalid_parameter", "id")),
        ({"command": "calling.record", "params": {}, "id": 5}, (422, "invalid_parameter", "id")),
        ({"command": "calling.record", "params": {}, "id": "nobody"}, (404, "not_found", "id")),
        ({"command": "calling.play", "params": {}, "id": "front"}, (422, "unknown_command", "command")),
        (
            {"command": "calling.record", "params": {"audio": {"format": "ogg"}}, "id": "front"},
            (422, "invalid_parameter", "format"),
        ),
        ({"command": "dial", "params": {}}, (422, "missing_parameter", "id")),
    ],
)
def test_a_call_command_that_is_wrong_is_refused(box: Box, body: object, expected: object) -> None:
    assert fault(call(box, body)) == expected


def test_an_answer_survives_a_kill_the_next_moment(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        box.until_ready()
        started = command(box, {"record_call": {"max_length": 1.0}}).json()["data"]
        box.kill("serve")
        box.start("serve")
        box.until_ready()
        assert box.end_of(started["recording_id"])["end_reason"] == "max_length"
        assert requests.get(started["url"], timeout=20).status_code == 200
