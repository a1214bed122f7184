"""Random kills of serve on human speech: durations, seams and events as promised (`python -m bench.kills`: 50)."""

import os

import numpy as np
import pytest

from tests.crash.decoding import FORMATS
from tests.crash.kills import Outcome, damaged, killed_again_and_again, summary
from tests.crash.speech import speech

KILLS = 50 if os.environ.get("TEST_CRASH") == "all" else 6
SEAM_DAMAGE = {"wav": 0, "mp3": 2, "mp4": 2}  # codec frames


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    found = killed_again_and_again(tmp_path_factory.mktemp("kills"), KILLS, seed=9)
    print()
    for outcome in found:
        print(summary(outcome, KILLS))
    return {outcome.suffix: outcome for outcome in found}


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_recording_of_speech_survives_kills(outcomes: dict[str, Outcome], suffix: str) -> None:
    outcome = outcomes[suffix]
    end = outcome.end
    assert (end["end_reason"], end["recovered"], end["gap_count"]) == ("call_ended", False, 0)
    assert sorted({event["seq"] for event in outcome.events}) == [0, 1]
    assert len({event["event_id"] for event in outcome.events}) == 2
    assert outcome.sounds.complaints == ""
    assert abs(outcome.sounds.seconds - end["duration"]) <= outcome.sounds.tolerance_s
    assert outcome.worst <= SEAM_DAMAGE[suffix], outcome.seams
    if suffix == "wav":
        assert outcome.sounds.pcm == outcome.true.pcm


def test_damage_is_seen_where_it_is_heard() -> None:
    true = np.frombuffer(speech(20.0), "<i2") / 32768
    assert damaged(true, true, 576) == []
    frames = [n for n in range(len(true) // 576) if np.sqrt(np.mean(true[n * 576 : (n + 1) * 576] ** 2)) > 0.02]
    heard = true.copy()
    for first in (frames[10], frames[-10]):
        heard[first * 576 : (first + 2) * 576] = 0
    assert damaged(heard, true, 576) == [2, 2]
    assert damaged(true * 1.2, true, 576) == []  # -14 dB
