"""Whom the supervisor blames when frames stop."""

from typing import Any

from recorder.capture.spec import LineSpec, Source
from recorder.capture.watch import NS_PER_S, Collapses, Post, crashed, silent_in_crash, stuck

NOW = 100 * NS_PER_S
A, B, C = (Source((LineSpec(name, f"alsa:{name}"),)) for name in "abc")


def post(source: Source, state: Any, since_s: float, heartbeat_s: float = 0.0) -> Post:
    """Times in seconds before NOW; no heartbeat: 0."""
    heartbeat_ns = NOW - round(heartbeat_s * NS_PER_S) if heartbeat_s else 0
    return Post(source, NOW - round(since_s * NS_PER_S), state, heartbeat_ns)


def test_heartbeat_older_than_a_second_is_dead() -> None:
    assert stuck([post(A, "up", 60, 1.01), post(B, "up", 60, 0.99)], NOW) == [A]


def test_first_frame_may_take_two_seconds() -> None:
    old = 500.0  # an earlier child's heartbeat says nothing
    assert stuck([post(A, "up", 1.9, old), post(B, "up", 1.9)], NOW) == []
    assert stuck([post(A, "up", 2.1, old), post(B, "up", 2.1)], NOW) == [A, B]


def test_one_that_hangs_in_opening_is_blamed_and_not_those_behind_it() -> None:
    posts = [post(A, "up", 3.5, 0.1), post(B, "opening", 3.1), post(C, "waiting", 3.1)]
    assert stuck(posts, NOW) == [B]


def test_child_that_never_begins_is_blamed_on_all() -> None:
    assert stuck([post(A, "waiting", 3.1), post(B, "waiting", 3.1)], NOW) == [A, B]
    assert stuck([post(A, "waiting", 2.9), post(B, "waiting", 2.9)], NOW) == []


def test_ended_file_is_never_dead() -> None:
    assert stuck([post(A, "ended", 600, 600)], NOW) == []


def test_spinning_device_is_blamed_for_the_crash() -> None:
    assert silent_in_crash([post(A, "up", 60, 0.55), post(B, "up", 60, 0.13)], NOW) == [A]
    assert silent_in_crash([post(A, "up", 60, 0.13), post(B, "up", 60, 0.13)], NOW) == []
    assert silent_in_crash([post(A, "up", 60, 0.6), post(B, "up", 60, 0.6)], NOW) == []


def test_second_collapse_within_a_minute_splits() -> None:
    collapses = Collapses()
    assert [collapses.split(at * NS_PER_S) for at in (1000, 1061, 1100, 1200)] == [False, False, True, False]


def test_crash_is_told_from_a_kill() -> None:
    assert [status for status in (0, 1, None, -9, -15, -11, -6, -24) if crashed(status)] == [-11, -6, -24]
