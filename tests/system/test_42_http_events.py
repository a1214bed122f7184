"""Events over HTTP: replay by cursor, and live as server-sent events."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.box import Box
from tests.fixtures.stream import Stream
from tests.system.api import Raw, box_of, fault, port_of
from tests.waiting import until


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with box_of(tmp_path_factory.mktemp("box")) as box:
        box.until_ready()
        yield box


def record(box: Box) -> str:
    started = box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
    box.end_of(started["recording_id"])
    return str(started["recording_id"])


def told_once(box: Box, recording_id: str) -> list[dict[str, Any]]:
    """The recording's events; what a restarted service had to tell again counts once."""
    return list({event["event_id"]: event for event in box.of(recording_id)}.values())


def replay(box: Box, query: str = "") -> dict[str, Any]:
    answer = requests.get(f"{box.http}/api/v1/events{query}", timeout=20)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def cursor_now(box: Box) -> int:
    after = 0
    while (page := replay(box, f"?after={after}&limit=1000"))["events"]:
        after = page["next"]
    return int(after)


def test_events_are_replayed_in_order_from_a_cursor(box: Box) -> None:
    before = cursor_now(box)
    ids = [record(box) for _ in range(3)]
    page = replay(box, f"?after={before}")
    assert [each["event"] for each in page["events"]] == [event for each in ids for event in box.of(each)]
    assert [each["cursor"] for each in page["events"]] == sorted(each["cursor"] for each in page["events"])
    assert page["next"] == page["events"][-1]["cursor"]
    first = replay(box, f"?after={before}&limit=4")
    rest = replay(box, f"?after={first['next']}")
    assert first["events"] + rest["events"] == page["events"]
    assert replay(box, f"?after={page['next']}") == {"events": [], "next": page["next"]}


def test_replayed_events_are_the_very_bytes_that_were_told(box: Box) -> None:
    before = cursor_now(box)
    recording_id = record(box)
    text = requests.get(f"{box.http}/api/v1/events?after={before}", timeout=20).text
    for event in box.of(recording_id):
        assert json.dumps(event, ensure_ascii=False, separators=(",", ":")) in text


@pytest.mark.parametrize("query", ["?after=-1", "?after=x", "?after=99999999999999999999", "?limit=0", "?limit=1001"])
def test_a_cursor_that_is_none_is_refused(box: Box, query: str) -> None:
    assert fault(requests.get(f"{box.http}/api/v1/events{query}", timeout=20))[0] == 422


def test_a_stream_tells_from_now_on(box: Box) -> None:
    record(box)
    with Stream(f"{box.http}/api/v1/events/stream") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert stream.headers["Cache-Control"] == "no-store"
        recording_id = record(box)
        until(lambda: len(stream.events) >= 2)
        assert [data for _, _, data in stream.events] == box.of(recording_id)
        assert {kind for _, kind, _ in stream.events} == {"calling.call.record"}
        page = replay(box, f"?after={int(stream.events[0][0] or 0) - 1}")
        assert [str(each["cursor"]) for each in page["events"]] == [name for name, _, _ in stream.events]


def test_a_stream_is_resumed_where_it_broke_off_even_over_a_restart(box: Box) -> None:
    with Stream(f"{box.http}/api/v1/events/stream") as stream:
        first = record(box)
        until(lambda: len(stream.events) >= 2)
        last = stream.events[0][0]
    missed = record(box)
    box.kill("serve")
    box.start("serve")
    box.until_ready()
    with Stream(f"{box.http}/api/v1/events/stream", **{"Last-Event-ID": last or ""}) as stream:
        live = record(box)
        expected = [*told_once(box, first)[1:], *told_once(box, missed), *told_once(box, live)]
        until(lambda: len(stream.events) >= len(expected))
        assert [data for _, _, data in stream.events] == expected
    with Stream(f"{box.http}/api/v1/events/stream?after={last}") as stream:
        until(lambda: len(stream.events) >= len(expected))
        assert [data for _, _, data in stream.events] == expected


@pytest.mark.parametrize("given", ["x", "-1", "1e400"])
def test_a_last_event_id_that_is_none_is_refused(box: Box, given: str) -> None:
    answer = requests.get(f"{box.http}/api/v1/events/stream", headers={"Last-Event-ID": given}, timeout=20)
    assert fault(answer) == (422, "invalid_parameter", "Last-Event-ID")


def test_a_cursor_of_a_journal_that_was_lost_gives_all_that_is_in_this_one(box: Box) -> None:
    record(box)
    ahead = cursor_now(box) + 1000
    first = replay(box, "?after=0&limit=1")
    assert replay(box, f"?after={ahead}&limit=1") == first
    with Stream(f"{box.http}/api/v1/events/stream", **{"Last-Event-ID": str(ahead)}) as stream:
        until(lambda: stream.events)
        assert stream.events[0][2] == first["events"][0]["event"]


def test_a_stream_tells_when_a_line_goes_down_and_comes_back(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        box.until_ready()
        with Stream(f"{box.http}/api/v1/events/stream") as stream:
            box.kill("capture")
            until(lambda: any(not data["up"] for _, kind, data in stream.events if kind == "line"))
            ready = requests.get(f"{box.http}/readyz", timeout=20)
            assert (ready.status_code, "line front: no audio\n" in ready.text) == (503, True)
            box.start("capture")
            until(lambda: any(data["up"] for _, kind, data in stream.events if kind == "line"), 20)
            assert {name for name, _, _ in stream.events} == {None}
        box.until_ready()


def test_a_client_that_reads_nothing_holds_up_nobody(box: Box) -> None:
    with Raw(port_of(box)) as deaf:
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        deaf.send("GET /api/v1/events/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with Stream(f"{box.http}/api/v1/events/stream") as stream:
            recording_id = record(box)
            until(lambda: len(stream.events) >= 2)
            assert [data for _, _, data in stream.events] == box.of(recording_id)


def test_streams_end_when_the_service_stops(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        box.until_ready()
        with Stream(f"{box.http}/api/v1/events/stream") as stream:
            assert box.kill("serve", 15) == 0
            until(lambda: stream.is_over)
