"""What a self-test finds in recordings that are good and bad, at every rate."""

from collections.abc import Callable

import numpy as np
import pytest

from recorder._dsp import Ear
from recorder.service.selftest import programme
from recorder.service.selftest.verdict import judge

RATES = (8000, 16000, 44100, 48000)


def played(rate: int, lead_s: float = 1.0) -> np.ndarray:
    return np.concatenate([np.zeros(round(lead_s * rate), np.int16), np.frombuffer(programme.pcm(rate), np.int16)])


def found(sound: np.ndarray, rate: int) -> dict[str, str]:
    """By check what is found in a recording, of which the service heard what an ear hears."""
    ear, voice, digits = Ear(rate, 1), b"", []
    pcm = sound.astype("<i2").tobytes()
    for at in range(0, len(pcm), rate // 10 * 2):
        heard = ear.hear(pcm[at : at + rate // 10 * 2])
        voice += heard[5][0][4::6]
        digits += [{"digit": digit} for _, kind, digit, _ in heard[6] if kind == "on"]
    track = {"digits": digits, "channels": [{"voice": list(voice)}]}
    return {finding.check: finding.state for finding in judge(pcm, rate, track)}


WELL = {"level": "ok", "silence": "ok", "digits": "ok", "speech": "ok"}


@pytest.mark.parametrize("rate", RATES)
def test_the_programme_itself_passes(rate: int) -> None:
    assert found(played(rate, 1.234), rate) == WELL


def test_a_line_that_adds_noise_and_takes_10_db_passes() -> None:
    noise = np.random.default_rng(3).normal(0, 8, len(played(8000)))
    assert found((played(8000) * 0.316 + noise).round(), 8000) == WELL


@pytest.mark.parametrize(
    ("harm", "faults"),
    [
        (lambda sound: sound * 0, {"level"}),
        (lambda sound: sound * 0.05, {"level"}),
        (lambda sound: sound[: 8000 * 5], {"digits", "speech"}),
        (lambda sound: sound + np.random.default_rng(4).normal(0, 900, len(sound)), {"silence"}),
    ],
    ids=["nothing", "far too quiet", "cut off", "noisy"],
)
def test_what_is_wrong_is_named(harm: Callable[[np.ndarray], np.ndarray], faults: set[str]) -> None:
    told = found(harm(played(8000).astype(float)).round(), 8000)
    assert {check for check, state in told.items() if state == "fault"} >= faults
