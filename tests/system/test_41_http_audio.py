"""The audio over HTTP: ranges, growing files, signed links, and the end of a recording's files."""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.box import Box
from tests.noise import noise
from tests.system.api import RATE, box_of, fault
from tests.waiting import until

LOOP = noise(10 * RATE)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with box_of(tmp_path_factory.mktemp("box")) as box:
        box.until_ready()
        yield box


@pytest.fixture(scope="module")
def ended(box: Box) -> dict[str, Any]:
    """A recording that has ended: its data, and its bytes as they stand on the disk."""
    started = box.until_ok({"line": "front", "record_call": {"max_length": 0.5}})
    box.end_of(started["recording_id"])
    return {**started, "bytes": box.file_of(started["recording_id"]).read_bytes()}


def start(box: Box, **parameters: Any) -> dict[str, Any]:
    return box.until_ok({"line": "front", "record_call": parameters})


def stop(box: Box, started: dict[str, Any]) -> dict[str, Any]:
    about = {"control_id": started["control_id"]}
    box.until_ok({"line": "front", "command": "calling.record.stop", "params": about})
    return box.end_of(started["recording_id"])


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=20, allow_redirects=False)


def test_a_whole_file_is_what_stands_on_the_disk(ended: dict[str, Any]) -> None:
    answer = get(ended["url"])
    assert answer.status_code == 200
    assert answer.content == ended["bytes"]
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    head = requests.head(ended["url"], timeout=20)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(ended["bytes"]))
    assert head.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "first", "end"), [("0-9", 0, 10), ("44-", 44, None), ("-10", -10, None), ("100-99999999", 100, None)]
)
def test_a_range_of_a_whole_file(ended: dict[str, Any], asked: str, first: int, end: int | None) -> None:
    answer = get(ended["url"], Range=f"bytes={asked}")
    size = len(ended["bytes"])
    assert answer.status_code == 206
    assert answer.content == ended["bytes"][first:end]
    begin = first % size
    assert answer.headers["Content-Range"] == f"bytes {begin}-{begin + len(answer.content) - 1}/{size}"


def test_a_range_behind_the_end_is_416(ended: dict[str, Any]) -> None:
    answer = get(ended["url"], Range="bytes=99999999-")
    assert fault(answer) == (416, "range_not_satisfiable", "Range")
    assert answer.headers["Content-Range"] == f"bytes */{len(ended['bytes'])}"


def test_what_is_no_single_range_gives_the_whole(ended: dict[str, Any]) -> None:
    for asked in ("bytes=0-1,3-4", "bytes=x-y", "lines=1-2"):
        assert get(ended["url"], Range=asked).content == ended["bytes"]


def test_conditions_hang_on_the_etag(ended: dict[str, Any]) -> None:
    etag = get(ended["url"]).headers["ETag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert get(ended["url"], **{"If-None-Match": held}).status_code == 304
    assert get(ended["url"], **{"If-None-Match": '"other"'}).status_code == 200
    assert get(ended["url"], **{"If-Range": etag, "Range": "bytes=0-9"}).status_code == 206
    assert get(ended["url"], **{"If-Range": '"other"', "Range": "bytes=0-9"}).status_code == 200


# While it grows.


def is_a_stretch_of_the_line(wav: bytes) -> bool:
    """Whether a WAV file's head tells of exactly the bytes that follow, and these are the line's."""
    riff, size, wave = struct.unpack_from("<4sI4s", wav)
    return (riff, size, wave) == (b"RIFF", len(wav) - 8, b"WAVE") and wav[44:] in LOOP * 2


def test_a_growing_file_plays_at_any_moment(box: Box) -> None:
    started = start(box)
    sizes = []

    def grown() -> bool:
        answer = get(started["url"])
        if answer.status_code == 503:
            assert answer.json()["errors"][0]["code"] == "not_ready"
            assert int(answer.headers["Retry-After"]) > 0
            return False
        assert answer.status_code == 200
        assert is_a_stretch_of_the_line(answer.content)
        assert "ETag" not in answer.headers
        sizes.append(len(answer.content))
        return len(set(sizes)) > 3

    until(grown)
    assert sizes == sorted(sizes)
    head = requests.head(started["url"], timeout=20)
    assert int(head.headers["Content-Length"]) >= sizes[-1]
    part = get(started["url"], Range="bytes=44-1043")
    assert (part.status_code, len(part.content)) == (206, 1000)
    assert part.headers["Content-Range"] == "bytes 44-1043/*"
    assert re.fullmatch(r"bytes \d+-\d+/\*", get(started["url"], Range="bytes=-10").headers["Content-Range"])
    assert get(started["url"], Range="bytes=44-1043", **{"If-Range": '"x"'}).status_code == 200
    stop(box, started)
    whole = get(started["url"])
    assert whole.content == box.file_of(started["recording_id"]).read_bytes()
    assert whole.content[44:1044] == part.content


def test_a_file_is_followed_to_its_end_by_ranges(box: Box) -> None:
    started = start(box, max_length=1.0)
    follow = b""

    def finished() -> bool:
        nonlocal follow
        answer = get(started["url"], Range=f"bytes={44 + len(follow)}-")
        if answer.status_code == 206:
            follow += answer.content
        assert answer.status_code in {206, 416, 503}
        return answer.status_code == 416

    until(finished, 20)
    assert follow == box.file_of(started["recording_id"]).read_bytes()[44:]


# Links.


def test_a_link_is_the_same_in_every_event(box: Box) -> None:
    started = start(box)
    box.until_told(started["recording_id"], lambda params: params["state"] == "recording")
    stop(box, started)
    urls = {event["params"]["url"] for event in box.of(started["recording_id"])}
    assert urls == {started["url"]}
    assert started["url"].startswith(f"{box.http}/recordings/{started['recording_id']}.wav?exp=")


def altered(url: str, old: str, new: str) -> str:
    changed = re.sub(old, new, url)
    assert changed != url
    return changed


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (r"sig=.", "sig=g", 403),
        (r"sig=.*", "sig=", 403),
        (r"&sig=.*", "", 403),
        (r"sig=(.*)", r"sig=\1\1", 403),
        (r"sig=(.*)", r"sig=%C3%BC", 403),
        (r"exp=\d", "exp=9", 403),
        (r"exp=\d+", "exp=99999999999999999999999", 403),
        (r"exp=", "exp=-", 403),
        (r"exp=\d+&", "", 403),
        (r"\.wav", ".mp3", 403),
        (r"/recordings/.{8}", "/recordings/00000000", 403),
        (r"/recordings/(.*)\?", r"/recordings/%2e%2e/\1?", 404),
        (r"/recordings/", "/recordings/../state/", 404),
        (r"/recordings/[^.]*\.wav", "/recordings/..%2fstate%2frecorder.db", 403),
    ],
)
def test_an_altered_link_opens_nothing(ended: dict[str, Any], old: str, new: str, status: int) -> None:
    session = requests.Session()
    prepared = requests.Request("GET", "http://127.0.0.1/").prepare()
    prepared.url = altered(ended["url"], old, new)
    assert fault(session.send(prepared, timeout=20))[0] == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/recordings/00000000-0000-7000-8000-000000000000.wav", 404),
        ("/recordings/..%2f..%2fstate%2frecorder.db", 404),
        ("/recordings/%2e%2e%2fstate.wav", 404),
        ("/recordings/a'%20OR%201=1--.wav", 404),
        ("/recordings/%00.wav", 404),
        ("/recordings/x.json", 404),
        ("/recordings/", 404),
    ],
)
def test_a_path_leads_to_recordings_only(box: Box, path: str, status: int) -> None:
    assert fault(get(box.http + path))[0] == status


def test_the_sidecar_is_not_served(box: Box, ended: dict[str, Any]) -> None:
    assert box.file_of(ended["recording_id"], "json").exists()
    assert get(f"{box.http}/recordings/{ended['recording_id']}.json").status_code == 404


# The catalogue.


def ours(box: Box, query: str = "") -> dict[str, Any]:
    answer = get(f"{box.http}/api/v1/recordings{query}")
    assert answer.status_code == 200, answer.text
    listed: dict[str, Any] = answer.json()
    return listed


def test_recordings_are_listed_newest_first_in_pages(box: Box) -> None:
    ids = [start(box, max_length=0.05)["recording_id"] for _ in range(5)]
    for each in ids:
        box.end_of(each)
    assert [each["recording_id"] for each in ours(box, "?limit=5")["recordings"]] == ids[::-1]
    found, path = [], "?limit=2&line=front"
    for _ in range(3):
        page = ours(box, path)
        found += [each["recording_id"] for each in page["recordings"]]
        path = page["next"].removeprefix("/api/v1/recordings")
    assert found[:5] == ids[::-1]
    assert "line=front" in path


def test_recordings_are_filtered(box: Box) -> None:
    box.until_ok({"line": "front", "command": "call", "params": {"call_id": "the-call", "state": "begin"}})
    one = start(box, max_length=0.05, control_id="filtered")
    box.end_of(one["recording_id"])
    box.until_ok({"line": "front", "command": "call", "params": {"call_id": "the-call", "state": "end"}})
    live = start(box)
    box.until_told(live["recording_id"], lambda params: params["state"] == "recording")
    [same] = ours(box, "?call=the-call")["recordings"]
    assert (same["recording_id"], same["control_id"], same["end_reason"]) == (
        one["recording_id"],
        "filtered",
        "max_length",
    )
    assert same["url"] == one["url"]
    assert same["parameters"]["max_length"] == 0.05
    assert [each["recording_id"] for each in ours(box, "?state=recording")["recordings"]] == [live["recording_id"]]
    stop(box, live)
    assert [each["recording_id"] for each in ours(box, "?end_reason=stop_command&limit=1")["recordings"]] == [
        live["recording_id"]
    ]
    created = same["created_at"]
    assert ours(box, f"?since={created}&call=the-call")["recordings"] == [same]
    assert ours(box, f"?until={created}&call=the-call")["recordings"] == []
    assert ours(box, "?until=2020-01-01T00:00:00Z")["recordings"] == []
    assert ours(box, "?line=back")["recordings"] == []


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=201",
        "?limit=x",
        "?state=done",
        "?end_reason=x",
        "?since=yesterday",
        "?before=1",
        "?colour=red",
        "?line=%27%20OR%201=1",
        "?call=a%20b",
        "?line=a&line=b",
    ],
)
def test_a_query_that_is_wrong_is_refused(box: Box, query: str) -> None:
    assert fault(get(f"{box.http}/api/v1/recordings{query}"))[0] == 422


def test_the_lines_are_told_with_what_lives_on_them(box: Box) -> None:
    live = start(box, control_id="shown")
    box.until_told(live["recording_id"], lambda params: params["state"] == "recording")
    [line] = get(f"{box.http}/api/v1/lines").json()["lines"]
    assert (line["line"], line["up"], line["rate"], line["channels"], line["playback"]) == (
        "front",
        True,
        8000,
        1,
        False,
    )
    assert line["call"]["call_id"] == live["call_id"]
    [told] = line["recordings"]
    assert {key: told[key] for key in ("control_id", "recording_id", "state", "format", "direction", "stereo")} == {
        "control_id": "shown",
        "recording_id": live["recording_id"],
        "state": "recording",
        "format": "wav",
        "direction": "speak",
        "stereo": False,
    }
    stop(box, live)


def test_stored_recordings_are_paged_as_signalwire_does(box: Box) -> None:
    path = "/api/relay/rest/recordings"
    first = get(f"{box.http}{path}?page_size=3").json()
    assert "prev" not in first["links"]
    second = get(box.http + first["links"]["next"]).json()
    back = get(box.http + second["links"]["prev"]).json()
    assert [each["id"] for each in back["data"]] == [each["id"] for each in first["data"]]
    assert get(box.http + second["links"]["first"]).json()["data"] == first["data"]
    seen, links = 0, first["links"]
    while "next" in links:
        page = get(box.http + links["next"]).json()
        seen, links = seen + len(page["data"]), page["links"]
    assert seen + 3 == len(get(f"{box.http}{path}?page_size=200").json()["data"])


def test_a_stored_recording_has_signalwires_fields(box: Box, ended: dict[str, Any]) -> None:
    stored = get(f"{box.http}/api/relay/rest/recordings/{ended['recording_id']}").json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stored.pop("created_at"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stored.pop("updated_at"))
    assert stored.pop("project_id")
    assert stored == {
        "id": ended["recording_id"],
        "duration_in_seconds": 1,
        "byte_size": len(ended["bytes"]),
        "url": ended["url"],
        "stereo": False,
        "track": "inbound",
        "status": "completed",
        "error_code": "",
        "price": 0,
        "price_unit": "USD",
        "relay_sip_leg_id": ended["call_id"],
    }


def test_a_recording_is_erased_and_a_tombstone_stays(box: Box) -> None:
    metadata = {"caller": "Zoë"}
    about = {"call_id": "erased-call", "metadata": metadata}
    box.until_ok({"line": "front", "command": "call", "params": {**about, "state": "begin"}})
    started = start(box, control_id="to-erase")
    stored = f"{box.http}/api/relay/rest/recordings/{started['recording_id']}"
    box.until_told(started["recording_id"], lambda params: params["state"] == "recording")
    assert fault(requests.delete(stored, timeout=20)) == (409, "conflict", "id")
    stop(box, started)
    box.until_ok({"line": "front", "command": "call", "params": {"call_id": "erased-call", "state": "end"}})
    audio = box.file_of(started["recording_id"])
    assert json.loads(audio.with_suffix(".json").read_text())["metadata"] == metadata
    gone = requests.delete(stored, timeout=20)
    assert (gone.status_code, gone.content) == (204, b"")
    assert not list(audio.parent.glob(f"{started['recording_id']}*"))
    assert get(started["url"]).status_code == 410
    assert fault(get(stored))[0] == 404
    assert fault(requests.delete(stored, timeout=20))[0] == 404
    assert fault(get(f"{box.http}/api/v1/recordings/{started['recording_id']}"))[0] == 404
    [left] = ours(box, "?call=erased-call&erased=true")["recordings"]
    assert (left["recording_id"], left["erased_why"]) == (started["recording_id"], "deleted by a client")
    assert not {"url", "metadata", "parameters", "gaps"} & set(left)
    assert ours(box, "?call=erased-call")["recordings"] == []
    stopped = box.ask({"line": "front", "command": "calling.record.stop", "params": {"control_id": "to-erase"}})
    assert (stopped["code"], stopped["data"]["state"]) == (200, "finished")
    assert "url" not in stopped["data"]


def test_what_was_never_there_cant_be_erased(box: Box) -> None:
    for path in ("/api/relay/rest/recordings/x", "/api/v1/recordings/00000000-0000-7000-8000-000000000000"):
        assert fault(requests.delete(box.http + path, timeout=20))[0] == 404


def test_a_recording_without_audio_has_no_file_to_fetch(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        box.until_ready()
        started = start(box, initial_timeout=0.5, input_sensitivity=0)
        assert box.end_of(started["recording_id"])["state"] == "no_input"
        assert get(started["url"]).status_code == 404
        stored = get(f"{box.http}/api/relay/rest/recordings/{started['recording_id']}").json()
        assert (stored["status"], stored["url"], stored["byte_size"]) == ("absent", "", 0)
