"""Waiting for a condition: the only place in the tests that sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.005


def until(condition: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
    """Poll until `condition()` is true and return its value. AssertionError naming `what` after `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or condition} did not come within {timeout} s")
        time.sleep(POLL_S)
