"""The CM7291 tape's procedure, by its numbers: each test steps one property of a digit until it is no longer told.

The limits are those of ext/include/dtmf.h, tighter than the tape's. 1 adjusts the levels, 8 is talk-off (bench/ear.py).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench import dtmf_rows as rows
from bench.dtmf_signals import DIGITS, RATE, Tone, dialled, saturated
from recorder.dsp import DigitDetector

ALL_TONES = "159D"  # each of the eight frequencies once
TONE = Tone(ms=50, low_dbm0=-15, high_dbm0=-15)


def told(tone: Tone, digits: str) -> str:
    detector = DigitDetector(RATE)
    signal, _ = dialled(digits, tone, 50)
    return "".join(e.digit for e in detector.process(saturated(signal)) + detector.flush() if e.kind == "on")


def reach(bent: Callable[[float], Tone], steps: np.ndarray, digit: str) -> float:
    """The last step up to which all were told."""
    lost = (step for step in steps if told(bent(step), digit * 3) != digit * 3)
    return float(next(lost, steps[-1]))


def test_2_every_digit_is_decoded_ten_times() -> None:
    assert told(TONE, DIGITS * 10) == DIGITS * 10


@pytest.mark.parametrize("digit", ALL_TONES)
@pytest.mark.parametrize("side", ["low_off", "high_off"])
def test_3_bandwidth_lies_between_3_and_7_percent_about_nominal(digit: str, side: str) -> None:
    steps = np.arange(0, 0.05, 0.001)
    above = reach(lambda off: replace(TONE, **{side: off}), steps, digit)
    below = reach(lambda off: replace(TONE, **{side: -off}), steps, digit)
    assert min(above, below) > 0.015
    assert max(above, below) <= 0.035
    assert abs(above - below) / 2 <= 0.005  # of the band's centre


@pytest.mark.parametrize("digit", ALL_TONES)
def test_4_twist_is_taken_to_4_db_up_and_8_db_down(digit: str) -> None:
    steps = np.arange(0, 20, 0.25)
    up = reach(lambda db: replace(TONE, low_dbm0=-15 - db), steps, digit)
    down = reach(lambda db: replace(TONE, high_dbm0=-15 - db), steps, digit)
    assert 4 < up <= 8
    assert 8 < down <= 12


@pytest.mark.parametrize("digit", ALL_TONES)
def test_5_levels_span_more_than_40_db(digit: str) -> None:
    lowest = reach(lambda db: replace(TONE, low_dbm0=-db, high_dbm0=-db), np.arange(0, 60, 1.0), digit)
    assert 40 < lowest <= 55


@pytest.mark.parametrize("digit", ALL_TONES)
def test_6_guard_time_lies_between_23_and_40_ms(digit: str) -> None:
    shortest = 49 - reach(lambda less: replace(TONE, ms=49 - less), np.arange(0, 30, 0.5), digit)
    assert 23 <= shortest < 40


def test_7_a_thousand_digits_are_told_with_noise_12_db_below() -> None:
    trials = list(rows.noise(12)())
    assert sum(len(sent) for _, sent in trials) >= 1000
    for pcm, sent in trials:
        detector = DigitDetector(RATE)
        assert "".join(e.digit for e in detector.process(pcm) + detector.flush() if e.kind == "on") == sent
