"""Deliveries over HTTP: listed a page at a time, begun anew, and no number that hurts."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.box import Box
from tests.fixtures.receiver import Receiver
from tests.system.api import box_of
from tests.waiting import until

PATH = "/api/v1/deliveries"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Box]:
    """A box that has told three recordings, six events, to the receiver."""
    folder = tmp_path_factory.mktemp("box")
    with box_of(folder, webhook={"allow": [f"127.0.0.1:{receiver.port}"]}) as box:
        url = receiver.url("/hook?key=secret", user="me:secret@")
        for _ in range(3):
            begun = box.until_ok({"line": "front", "record_call": {"max_length": 0.05, "status_url": url}})
            box.end_of(begun["recording_id"])
        until(lambda: len(listed(box, "?state=done")) == 6, 20, "all to be delivered")
        yield box


def listed(box: Box, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = requests.get(f"{box.http}{PATH}{query}", timeout=20).json()["deliveries"]
    return found


def again(box: Box, number: object, body: object = None) -> requests.Response:
    return requests.post(f"{box.http}{PATH}/{number}/again", json={} if body is None else body, timeout=20)


def test_a_delivery_tells_all_but_secrets(box: Box, receiver: Receiver) -> None:
    newest = listed(box)[0]
    event = box.events[-1]
    assert newest == {
        "delivery": 6,
        "state": "done",
        "door": "webhook",
        "url": receiver.url("/hook"),
        "line": "front",
        "recording_id": event["params"]["recording_id"],
        "event_id": event["event_id"],
        "cursor": newest["cursor"],
        "attempts": 1,
        "settled_at": newest["settled_at"],
    }


def test_deliveries_come_page_by_page(box: Box) -> None:
    numbers, target = [], f"{PATH}?limit=4&state=done"
    while target:
        page = requests.get(f"{box.http}{target}", timeout=20).json()
        numbers += [each["delivery"] for each in page["deliveries"]]
        target = page.get("next", "")
    assert numbers == [6, 5, 4, 3, 2, 1]
    assert listed(box, "?door=mqtt") == listed(box, "?state=given_up") == []


def test_one_is_begun_anew_with_the_same_event(box: Box, receiver: Receiver) -> None:
    oldest, seen = listed(box)[-1], len(receiver.got)
    answer = again(box, oldest["delivery"])
    assert (answer.status_code, answer.json()) == (200, {"delivery": 1, "state": "pending"})
    until(lambda: len(receiver.got) > seen, 20, "the event to come again")
    assert receiver.got[-1].event["event_id"] == oldest["event_id"]
    until(lambda: listed(box, "?state=done")[5:], 20, "it to be done again")


@pytest.mark.parametrize("number", ["0", "-1", "7", "1.5", "x", "9" * 40, "1%2F..", "1'--"])
def test_no_delivery_of_that_number_is_404(box: Box, number: str) -> None:
    answer = again(box, number)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=201", "?state=x", "?door=x", "?before=0", "?before=x", "?more=1"]
)
def test_query_that_is_none_is_refused(box: Box, query: str) -> None:
    answer = requests.get(f"{box.http}{PATH}?{query}", timeout=20)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 1


def test_again_takes_an_empty_object_only(box: Box) -> None:
    assert again(box, 1, {"a": 1, "b": 2}).status_code == 422
    assert requests.post(f"{box.http}{PATH}/1/again", timeout=20).status_code == 415
