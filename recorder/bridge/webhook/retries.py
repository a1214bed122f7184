"""What becomes of a delivery after an attempt: pure."""

import email.utils
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from typing import TypeAlias

from recorder.bridge.delivery import TRY_FOR_S
from recorder.bridge.webhook.post import Reply
from recorder.store.deliveries import Delivery

MOST_REFUSALS = 5
LONGEST_PAUSE_S = 300.0  # of our own; a receiver may ask for more
LEAST_PAUSE_S = 1.0
PASSING = frozenset({408, 425, 429})  # of 4xx
BUSY = frozenset({429, 503})  # a Retry-After beside one of them is meant for everything sent there


@dataclass(frozen=True, slots=True)
class Done:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Again:
    """To be tried again `at` that Unix time.

    `refused`: counts towards MOST_REFUSALS. `busy`: nothing else is to be sent to the url until then.
    """

    at: float
    error: str
    refused: bool = False
    busy: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Not tried any more. `gone`: the receiver wants no more of this recording at this url."""

    error: str
    gone: bool = False


Outcome: TypeAlias = Done | Again | GiveUp


def judge_reply(delivery: Delivery, reply: Reply, now: float, chance: Callable[[], float]) -> Outcome:
    """The outcome of an attempt that was answered; `chance` gives random numbers from 0 to 1."""
    error = f"answered {reply.status} {_phrase(reply.status)}".strip()
    if 200 <= reply.status < 300:
        return Done()
    if reply.status == HTTPStatus.GONE:
        return GiveUp(error, gone=True)
    refused = 400 <= reply.status < 500 and reply.status not in PASSING
    if refused and delivery.refusals + 1 >= MOST_REFUSALS:
        return GiveUp(f"{error}, {MOST_REFUSALS} times")
    asked = seconds_asked(reply.retry_after, now)
    busy = reply.status in BUSY and asked is not None
    return _again(delivery, error, now, pause(delivery.attempts, chance) if asked is None else asked, refused, busy)


def judge_silence(delivery: Delivery, error: str, now: float, chance: Callable[[], float]) -> Outcome:
    """The outcome of an attempt that got no answer."""
    return _again(delivery, error, now, pause(delivery.attempts, chance), refused=False, busy=False)


def pause(attempts: int, chance: Callable[[], float]) -> float:
    """Seconds to wait after so many earlier attempts and this one: doubled each time, half of it by chance."""
    longest = min(LONGEST_PAUSE_S, 2.0 ** min(attempts, 30))
    return longest * (0.5 + chance() / 2)


def seconds_asked(retry_after: str | None, now: float) -> float | None:
    """The seconds of a Retry-After, given as seconds or as a date; None when there is none that can be read."""
    if retry_after is None or len(retry_after) > 64 or not retry_after.isascii():
        return None
    text = retry_after.strip()
    if text.isdigit():
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return date.timestamp() - now


def _again(delivery: Delivery, error: str, now: float, seconds: float, refused: bool, busy: bool) -> Outcome:
    end = delivery.since + TRY_FOR_S
    if now >= end:
        return GiveUp(f"{error}; tried for {TRY_FOR_S / 3600:.0f} h")
    seconds = min(max(seconds, LEAST_PAUSE_S), TRY_FOR_S)
    return Again(min(now + seconds, max(end, now + LEAST_PAUSE_S)), error, refused, busy)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
