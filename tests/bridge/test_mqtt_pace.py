"""How fast a broker is tried again."""

import random

import pytest

from recorder.bridge.mqtt import pace
from recorder.bridge.mqtt.pace import LONGEST_S, TWIN_NOTED_S, TWIN_S, Loss, Pace

BROKE, TAKEN = Loss("broke"), Loss("taken", taken_over=True)


def test_the_wait_doubles_with_jitter_and_begins_again_after_a_connection_that_lived() -> None:
    tried = Pace(random.Random(1))
    waits = [tried.after(BROKE, 0.0) for _ in range(12)]
    full = [min(0.5 * 2**n, LONGEST_S) for n in range(12)]
    assert all(most / 2 <= wait <= most for wait, most in zip(waits, full, strict=True))
    assert len(set(waits)) == 12
    assert tried.after(BROKE, 10.0) <= 0.5
    assert tried.after(BROKE, 0.1) <= 1.0


def test_two_boxes_of_one_name_take_turns_of_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(pace.time, "monotonic", lambda: now)
    tried = Pace()
    assert not tried.has_twin
    assert tried.after(TAKEN, 5.0) == TWIN_S
    assert tried.has_twin
    assert tried.after(BROKE, 5.0) == TWIN_S  # a broker that does not say why
    assert tried.after(BROKE, 0.0) < 1.0  # a broker that is not there
    now += TWIN_NOTED_S
    assert not tried.has_twin
    tried.note_twin()
    assert tried.after(BROKE, 100.0) == TWIN_S
