"""Receivers that fail in every way: what is tried again, what is given up, and who waits for whom."""

import email.utils
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.store import deliveries
from recorder.store.database import connect
from tests.box import Box
from tests.fixtures.receiver import BREAK_OFF, FOREVER, HANG, SLAM, Receiver
from tests.system.api import box_of
from tests.waiting import until

BOTH = ["recording", "finished"]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Box]:
    allow = {"allow": [f"127.0.0.1:{receiver.port}", "127.0.0.1:9"]}
    with box_of(tmp_path_factory.mktemp("box"), webhook=allow) as box:
        box.until_ok({"line": "front", "record_call": {"max_length": 0.01}})
        yield box


@pytest.fixture(scope="module", autouse=True)
def lasting(box: Box, receiver: Receiver) -> dict[str, str]:
    """Recordings whose receivers take long, begun first: the path of each, and its recording_id."""
    receiver.answer("/forbidden", 403, 403, 404, 403, 401, 200)
    receiver.answer("/slow", HANG, 200)
    return {path: record(box, receiver.url(path, user="user:hidden@")) for path in ("/forbidden", "/slow")}


def record(box: Box, status_url: str) -> str:
    """A short recording of two states, ended."""
    started = box.until_ok({"line": "front", "record_call": {"max_length": 0.05, "status_url": status_url}})
    box.end_of(started["recording_id"])
    return str(started["recording_id"])


def listed(box: Box, recording_id: str) -> list[deliveries.Delivery]:
    """The recording's deliveries in the order of its events."""
    connection = connect(box.folder / "state/recorder.db")
    found = [each for each in deliveries.listing(connection, limit=1000) if each.recording_id == recording_id]
    connection.close()
    return found[::-1]


def test_events_come_in_order_once_the_receiver_is_well_again(box: Box, receiver: Receiver) -> None:
    answers = {
        "/500": (500, 503),
        "/slam": (SLAM,),
        "/break-off": (BREAK_OFF,),
        "/redirect": ((302, {"Location": receiver.url("/elsewhere")}), (307, {"Location": receiver.url("/elsewhere")})),
        "/408": (408, 425),
        "/404": (404, 404),
    }
    for path, failures in answers.items():
        receiver.answer(path, *failures, 200)
        record(box, receiver.url(path))
    for path, failures in answers.items():
        expected = [BOTH[0]] * len(failures) + BOTH
        until(lambda path=path, expected=expected: receiver.states(path) == expected, 20, f"{path} in order")
        assert len({got.event["event_id"] for got in receiver.on(path)}) == 2
    assert receiver.on("/elsewhere") == []


def test_gone_ends_deliveries_to_that_url_for_that_recording_only(box: Box, receiver: Receiver) -> None:
    receiver.answer("/gone", 410, 200)
    recording_id = record(box, receiver.url("/gone"))
    until(lambda: [each.state for each in listed(box, recording_id)] == ["given_up"] * 2, 10, "both given up")
    record(box, receiver.url("/gone"))
    until(lambda: receiver.states("/gone") == [BOTH[0], *BOTH], 10, "the other recording's events")


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_back_everything_for_that_url(box: Box, receiver: Receiver, form: str) -> None:
    asked = "4" if form == "seconds" else email.utils.formatdate(time.time() + 4.5, usegmt=True)
    receiver.answer(f"/busy-{form}", (429, {"Retry-After": asked}), 200)
    first = record(box, receiver.url(f"/busy-{form}"))
    until(lambda: receiver.on(f"/busy-{form}"), 10, "the first try")
    second = record(box, receiver.url(f"/busy-{form}"))
    got = until(lambda: receiver.on(f"/busy-{form}")[4:] and receiver.on(f"/busy-{form}"), 15, "all events")
    assert got[1].at - got[0].at > 3.3
    for recording_id in (first, second):
        states = [each.state for each in got[1:] if each.event["params"]["recording_id"] == recording_id]
        assert states == BOTH


def test_whoever_hangs_holds_up_nobody_else(box: Box, receiver: Receiver) -> None:
    receiver.answer("/hang", HANG)
    receiver.answer("/forever", FOREVER)
    for _ in range(8):
        record(box, receiver.url("/hang"))
    record(box, receiver.url("/forever"))
    record(box, "http://127.0.0.1:9/closed")
    asked = time.monotonic()
    record(box, receiver.url("/quick"))
    until(lambda: receiver.states("/quick") == BOTH, 5, "the quick one's events")
    assert time.monotonic() - asked < 8  # the hanging ones take 15 s each
    assert len(receiver.on("/hang")) == 4  # no more at once to one url
    until(lambda: receiver.states("/forever") == BOTH, 5, "an endless answer is read in part and counts")


def test_a_refusal_for_good_is_tried_five_times_and_shown_and_the_next_event_goes_on(
    box: Box, receiver: Receiver, lasting: dict[str, str]
) -> None:
    until(lambda: receiver.states("/forbidden") == [BOTH[0]] * 5 + [BOTH[1]], 40, "five tries, then the next event")
    until(lambda: listed(box, lasting["/forbidden"])[1].state == "done", 5, "that one's note")
    given_up, done = listed(box, lasting["/forbidden"])
    assert (given_up.state, given_up.attempts) == ("given_up", 5)
    assert given_up.last_error == "answered 401 Unauthorized, 5 times"
    assert done.attempts == 1
    assert "hidden" not in box.log("serve")


def test_a_request_without_an_answer_ends_after_15_s_and_comes_again(
    box: Box, receiver: Receiver, lasting: dict[str, str]
) -> None:
    until(lambda: receiver.states("/slow") == [BOTH[0], *BOTH], 25, "the second try")
    first, second = receiver.on("/slow")[:2]
    assert 14.9 < second.at - first.at < 18
    assert listed(box, lasting["/slow"])[0].attempts == 2


def test_the_answer_is_shown_nowhere(box: Box) -> None:
    assert "secret of the receiver" not in box.log("serve")
    connection = connect(Path(box.folder / "state/recorder.db"))
    errors = [each.last_error or "" for each in deliveries.listing(connection, limit=1000)]
    connection.close()
    assert not [error for error in errors if "secret" in error]
