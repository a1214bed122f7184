"""Waiting for a condition: the only place in the tests that sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.005
PATIENCE_S = 60.0  # where no promise is judged: on a busy machine a start alone may take many seconds


def until(condition: Callable[[], T], timeout: float = PATIENCE_S, what: str = "") -> T:
    """Poll until `condition()` is true and return its value. AssertionError naming `what` after `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or condition} did not come within {timeout} s")
        time.sleep(POLL_S)  # because it polls: every other wait of the tests comes here
