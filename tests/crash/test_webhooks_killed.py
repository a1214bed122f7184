"""`kill -9` of serve between any two steps of a delivery: every event arrives, in order, under the same event_id."""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.fixtures.receiver import BREAK_OFF, HANG, SLAM, Receiver
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

RECORDINGS, KILLS = 20, 8


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def box(tmp_path: Path, receiver: Receiver) -> Iterator[Box]:
    line = write_wav(tmp_path / "line.wav", noise(8000 * 5))
    webhook = {"allow": [f"127.0.0.1:{receiver.port}"]}
    with Box(tmp_path, {"front": {"device": f"file:{line}", "loop": True}}, webhook=webhook) as box:
        box.start("capture")
        box.start("serve")
        box.until_ok({"line": "front", "record_call": {"max_length": 0.01}})
        yield box


def record(box: Box, status_url: str, seconds: float = 0.1) -> str:
    parameters = {"max_length": seconds, "status_url": status_url}
    return str(box.until_ok({"line": "front", "record_call": parameters})["recording_id"])


def test_what_was_sent_and_not_noted_as_done_comes_again_as_the_same_event(box: Box, receiver: Receiver) -> None:
    receiver.answer("/x", HANG)
    box.end_of(record(box, receiver.url("/x")))
    until(lambda: receiver.on("/x"), 10, "the first event")
    box.kill("serve")
    receiver.answer("/x", 200)
    box.start("serve")
    until(lambda: receiver.states("/x") == ["recording", "recording", "finished"], 10, "all again, in order")
    ids = [got.event["event_id"] for got in receiver.on("/x")]
    assert ids[0] == ids[1] != ids[2]


def test_what_was_told_while_the_receiver_was_away_comes_after_a_kill(box: Box, receiver: Receiver) -> None:
    receiver.stop()
    ended = [record(box, receiver.url("/late")) for _ in range(3)]
    for recording_id in ended:
        box.end_of(recording_id)
    box.kill("serve")
    with Receiver(receiver.port) as back:
        box.start("serve")
        until(lambda: len(back.on("/late")) == 6, 20, "all events")
        by_recording = defaultdict(list)
        for got in back.on("/late"):
            by_recording[got.event["params"]["recording_id"]].append(got.state)
        assert by_recording == {recording_id: ["recording", "finished"] for recording_id in ended}


def test_receivers_that_fail_and_a_service_that_is_killed_lose_nothing(box: Box, receiver: Receiver) -> None:
    chance = random.Random(60)
    receiver.answer("/chaos", *chance.choices([200, 200, 200, 500, SLAM, BREAK_OFF], k=60), 200)
    answered = 0
    for _ in range(KILLS):
        with suppress(OSError):
            for _ in range(RECORDINGS // KILLS + 1):
                record(box, receiver.url("/chaos"), chance.uniform(0.05, 1.5))
                answered += 1
        seen = len(receiver.got)
        with suppress(AssertionError):  # between two steps, whichever they are
            until(lambda seen=seen: len(receiver.got) > seen + chance.randrange(3), chance.uniform(0.1, 0.6))
        box.kill("serve")
        box.start("serve")
    until(lambda: complete(receiver, answered), 40, "every event of every recording")
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    for event in (got.event for got in receiver.on("/chaos")):
        ids[event["params"]["recording_id"], event["seq"]].add(event["event_id"])
    assert all(len(same) == 1 for same in ids.values())


def complete(receiver: Receiver, recordings: int) -> bool:
    """Whether so many recordings at least were told from seq 0 to their end, each seq for the first time in order."""
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in (got.event for got in receiver.on("/chaos")):
        seqs = [each["seq"] for each in told[event["params"]["recording_id"]]]
        if event["seq"] not in seqs:
            assert event["seq"] == len(seqs), "out of order"
            told[event["params"]["recording_id"]].append(event)
    return len(told) >= recordings and all("record" in events[-1]["params"] for events in told.values())
