"""A small part of each row of the voice table: espeak-ng speaks, in languages the detector has not learnt from."""

import shutil
from itertools import pairwise

import numpy as np
import pytest

from bench import voice_rows, voice_signals
from bench.voice_rows import Material, Score
from recorder.dsp import VoiceDetector, VoiceGate

pytestmark = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")

SECOND = 8000


@pytest.fixture(scope="module")
def score() -> Score:
    material = Material.made(clips=2, ends=28, noises=14)
    return voice_rows.scored(voice_rows.ours, voice_rows.gated(), material)


def mean_of(score: Score, names: list[str], figure: int) -> float:
    return float(np.mean([score.by_cell[name][figure] for name in names]))


def test_speech_is_told_from_each_noise(score: Score) -> None:
    assert score.auc >= 0.95
    assert score.by_cell["clean"][0] >= 0.99
    steady = [f"{noise} {snr} dB" for noise in ("white", "pink", "hum", "clicks", "car") for snr in voice_rows.SNRS_DB]
    assert mean_of(score, steady, 0) >= 0.98


def test_blocks_at_the_default_sensitivity_are_right(score: Score) -> None:
    assert score.by_cell["clean"][1] >= 0.97
    assert mean_of(score, [f"{noise} 20 dB" for noise in voice_rows.NOISES], 1) >= 0.92


def test_end_silence_is_declared_near_the_truth(score: Score) -> None:
    assert score.ends >= 24
    assert score.early <= 2


def test_noise_and_call_progress_tones_start_nothing(score: Score) -> None:
    assert score.false_starts == 0


def test_onset_is_told_within_120_ms(score: Score) -> None:
    assert score.onset_ms <= 120


def test_first_word_is_heard_when_it_opens_the_stream() -> None:
    rng = np.random.default_rng(2)
    for talker in voice_signals.synthetic()[:4]:
        clip = voice_signals.clip(rng, talker, 0, 1, 1)
        case = voice_rows.mixed(rng, clip, voice_signals.white, 25)
        told = voice_rows.gated()(voice_rows.ours(case.pcm))
        assert told.began is not None
        assert told.began <= 20


def test_silence_after_speech_is_no_speech_and_speech_after_it_is() -> None:
    talker = voice_signals.synthetic()[1]
    clip = voice_signals.clip(np.random.default_rng(7), talker, 0.5, 1, 6)
    pcm = voice_signals.saturated(np.concatenate([clip.wave, clip.wave]), -20)
    flags = voice_rows.gated()(voice_rows.ours(pcm)).flags
    ends = np.flatnonzero(clip.truth)[-1]
    assert not flags[ends + 40 : len(clip.truth)].any()
    assert flags[len(clip.truth) :].sum() > 0.8 * clip.truth.sum()


@pytest.mark.parametrize("gain_db", [-45, -30, -6])
def test_speech_of_any_level_is_heard_on_a_quiet_line(gain_db: float) -> None:
    rng = np.random.default_rng(8)
    clip = voice_signals.clip(rng, voice_signals.synthetic()[2], 1, 3, 1)
    pcm = voice_signals.saturated(clip.wave, gain_db)
    flags = voice_rows.gated()(voice_rows.ours(pcm)).flags
    assert voice_rows.f1(flags, clip.truth) > 0.85


def test_higher_sensitivity_hears_no_less() -> None:
    rng = np.random.default_rng(9)
    clip = voice_signals.clip(rng, voice_signals.synthetic()[3], 1, 3, 1)
    values = VoiceDetector(8000).process(voice_rows.mixed(rng, clip, voice_signals.pink, 5).pcm)
    found = [voice_rows.gated(sensitivity)(values).flags for sensitivity in (0, 20, 44, 70, 100)]
    for less, more in pairwise(found):
        assert np.all(more >= less)
    assert found[0].sum() < found[2].sum() < found[4].sum()


def test_white_noise_starts_nothing_at_sensitivity_0() -> None:
    noise = voice_signals.at_dbm0(voice_signals.white(np.random.default_rng(3), 10 * SECOND), -25)
    assert VoiceGate(0).feed(VoiceDetector(8000).process(noise)) == []
