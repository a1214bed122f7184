"""What becomes of a delivery after an attempt."""

import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.bridge.delivery import TRY_FOR_S
from recorder.bridge.webhook.post import Reply
from recorder.bridge.webhook.retries import Again, Done, GiveUp, judge_reply, judge_silence, pause, seconds_asked
from recorder.store.deliveries import Delivery

NOW = 1_800_000_000.0


def delivery(attempts: int = 0, refusals: int = 0, since: float = NOW) -> Delivery:
    about = {"recording_id": "r", "line": "front", "door": "webhook", "url": "http://a/", "receiver": "http://a:80"}
    return Delivery(
        delivery=1,
        cursor=1,
        event_id="e",
        state="pending",
        attempts=attempts,
        refusals=refusals,
        gone=False,
        since=since,
        next_at=since,
        last_error=None,
        settled_at=None,
        **about,
    )


def judged(status: int, retry_after: str | None = None, **about: float):
    return judge_reply(delivery(**about), Reply(status, retry_after), NOW, lambda: 1.0)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(status: int) -> None:
    assert judged(status) == Done()


def test_410_ends_the_lane() -> None:
    assert judged(410) == GiveUp("answered 410 Gone", gone=True)


@pytest.mark.parametrize("status", [400, 401, 404, 409, 413, 499])
def test_another_4xx_is_given_up_the_fifth_time(status: int) -> None:
    outcomes = [judged(status, refusals=refusals, attempts=30) for refusals in range(5)]
    assert all(isinstance(outcome, Again) and outcome.refused for outcome in outcomes[:4])
    assert isinstance(outcomes[4], GiveUp)
    assert not outcomes[4].gone


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 599, 101, 304])
def test_what_may_pass_is_tried_again_however_often_it_was_tried(status: int) -> None:
    outcome = judged(status, attempts=1000, refusals=4)
    assert isinstance(outcome, Again)
    assert not outcome.refused
    assert outcome.at == NOW + 300


def test_pauses_double_to_five_minutes_half_of_them_by_chance() -> None:
    assert [pause(n, lambda: 1.0) for n in range(10)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert pause(4, lambda: 0.0) == 8
    assert pause(10**6, lambda: 1.0) == 300


@pytest.mark.parametrize(
    ("given_as", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        (email.utils.formatdate(NOW + 90, usegmt=True), 90.0),
        ("Fri, 15 Jan 2027 08:00:00 -0000", 0.0),
        ("0\x1f", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("9" * 100, None),
        ("٣", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(given_as: str | None, seconds: float | None) -> None:
    assert seconds_asked(given_as, NOW) == seconds


@given(st.text(max_size=80))
def test_no_retry_after_is_a_traceback(text: str) -> None:
    seconds_asked(text, NOW)


def test_a_receiver_s_retry_after_takes_the_place_of_ours() -> None:
    assert judged(503, "3600") == Again(NOW + 3600, "answered 503 Service Unavailable", busy=True)
    assert judged(404, "30") == Again(NOW + 30, "answered 404 Not Found", refused=True)
    assert judged(500, "0") == Again(NOW + 1, "answered 500 Internal Server Error")


def test_after_72_h_it_is_given_up_after_one_last_try_at_their_end() -> None:
    almost = NOW - TRY_FOR_S + 60
    assert judged(503, "86400", since=almost) == Again(NOW + 60, "answered 503 Service Unavailable", busy=True)
    assert isinstance(judge_silence(delivery(since=NOW - TRY_FOR_S), "no answer", NOW, lambda: 0.5), GiveUp)
    assert isinstance(judge_silence(delivery(since=almost), "no answer", NOW, lambda: 0.5), Again)
