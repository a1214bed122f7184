"""Speech probabilities and the gate behind them, on signals made here."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.dtmf_signals import RATE, Tone, amplitude, saturated, white
from recorder.dsp import RATES, VoiceDetector, VoiceGate, is_speech

BLOCK = RATE // 100


def babbling(rng: np.random.Generator, seconds: float, rms: float) -> np.ndarray:
    """Something like vowels: harmonics of a gliding pitch under moving formants, four syllables a second."""
    n = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.7 * n)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    out = np.zeros(len(n))
    for k in range(1, 28):
        formants = (500 + 200 * np.sin(2 * np.pi * 1.3 * n), 1500 + 500 * np.sin(2 * np.pi * 0.9 * n), 2500 + 0 * n)
        gain = sum(1 / (1 + ((k * pitch - f) / 120) ** 2) for f in formants)
        out += gain * np.sin(k * phase + float(rng.uniform(0, 6)))
    out *= np.clip(np.sin(2 * np.pi * 4 * n) + 0.4, 0, 1)
    return out * rms / np.sqrt(np.mean(out**2))


def spoken(pcm: np.ndarray, sensitivity: float) -> np.ndarray:
    """Which blocks lie in a stretch of speech; one that is not over lasts to the end."""
    probabilities = VoiceDetector(RATE).process(pcm)
    return stretches(VoiceGate(sensitivity).feed(probabilities), len(probabilities))


def stretches(changes: list[tuple[bool, int]], blocks: int) -> np.ndarray:
    speech = np.zeros(blocks, bool)
    for speaking, frame in changes:
        speech[frame // BLOCK :] = speaking
    return speech


def test_speech_like_sound_is_found_between_pauses_of_noise() -> None:
    rng = np.random.default_rng(3)
    voice = np.concatenate([np.zeros(3 * RATE), babbling(rng, 2, 2000), np.zeros(3 * RATE)])
    speech = spoken(saturated(voice + white(rng, len(voice), 60)), 44)
    assert not speech[:296].any()  # the gate reaches back
    assert speech[312:500].mean() > 0.9
    assert not speech[530:].any()


def drawn_out(rng: np.random.Generator, seconds: float, rms: float, hertz: float) -> np.ndarray:
    """One vowel, its pitch a little unsteady."""
    n = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(hertz + 3 * np.sin(2 * np.pi * 5 * n)) / RATE
    out = np.zeros(len(n))
    for k in range(1, 28):
        gain = sum(1 / (1 + ((k * hertz - f) / 120) ** 2) for f in (600, 1100, 2500))
        out += gain * np.sin(k * phase + float(rng.uniform(0, 6)))
    return out * rms / np.sqrt(np.mean(out**2))


def test_a_word_drawn_out_in_noise_is_held_and_its_end_is_found() -> None:
    ends = []
    for seed, hertz in itertools.product(range(3), (110, 150, 200)):
        rng = np.random.default_rng(seed)
        words = [babbling(rng, 2, 2000), drawn_out(rng, 2, 1500, hertz)]
        voice = np.concatenate([np.zeros(RATE), *words, np.zeros(3 * RATE)])
        speech = spoken(saturated(voice + white(rng, len(voice), 1200)), 44)
        ends.append(int(np.flatnonzero(speech)[-1]))
    assert np.mean(ends) > 480  # of 500; 460 of the network alone
    assert max(ends) < 550


@pytest.mark.parametrize("dbfs", [-55, -40, -25])
def test_steady_noise_is_no_speech(dbfs: float) -> None:
    noise = white(np.random.default_rng(4), 20 * RATE, 32768 * 10 ** (dbfs / 20))
    assert not spoken(saturated(noise), 44).any()


@pytest.mark.parametrize("frequencies", [(440, 480), (350, 440), (425,), (480, 620), (1000,)])
def test_tones_of_the_network_are_no_speech(frequencies: tuple[int, ...]) -> None:
    n = np.arange(12 * RATE) / RATE
    tone = sum((amplitude(-20) * np.sin(2 * np.pi * f * n) for f in frequencies), np.zeros(len(n)))
    cadence = (n % 3) < 1
    noise = white(np.random.default_rng(5), len(n), 30)
    assert not spoken(saturated(tone * cadence + noise), 44).any()


def test_digits_and_clicks_are_no_speech() -> None:
    rng = np.random.default_rng(6)
    signal = white(rng, 12 * RATE, 20)
    for at in range(RATE, 6 * RATE, RATE // 2):
        signal[at : at + 800] += Tone(ms=100).samples("5")
    for at in range(7 * RATE, 12 * RATE, RATE // 3):
        signal[at : at + 4] += 12000
    assert not spoken(saturated(signal), 44).any()


@pytest.mark.parametrize("rate", RATES)
@given(cuts=st.lists(st.integers(1, 10_000), min_size=1, max_size=20))
@settings(max_examples=10, deadline=None)
def test_blocks_of_any_size_give_the_same_values(rate: int, cuts: list[int]) -> None:
    pcm = np.random.default_rng(8).integers(-3000, 3000, rate).astype(np.int16)
    whole = VoiceDetector(rate).process(pcm)
    detector, at, pieces = VoiceDetector(rate), 0, []
    for cut in (*cuts, len(pcm)):
        pieces.append(detector.process(pcm[at : at + cut]))
        at += cut
    assert np.concatenate(pieces).tobytes() == whole.tobytes()
    assert (len(whole), whole.dtype) == (100, np.float32)


@pytest.mark.parametrize("rate", RATES)
def test_value_comes_with_the_last_frame_of_its_block(rate: int) -> None:
    detector = VoiceDetector(rate)
    assert detector.latency_frames == 0
    assert [len(detector.process(np.ones(n, np.int16))) for n in (rate // 100 - 1, 1, rate // 100)] == [0, 1, 1]


@pytest.mark.parametrize("value", [0, 32767, -32768])
def test_values_are_probabilities_whatever_is_heard(value: int) -> None:
    rng = np.random.default_rng(9)
    steady = np.full(RATE, value, np.int16)
    square = np.where(rng.random(RATE) > 0.5, 32767, -32768).astype(np.int16)
    values = VoiceDetector(RATE).process(np.concatenate([steady, square, steady]))
    assert np.all((values >= 0) & (values <= 1))


STEADY = {
    "silence": lambda _, n: np.zeros(n),
    "dither": lambda rng, n: rng.integers(-1, 2, n),
    "offset": lambda rng, n: 4000 + rng.integers(-1, 2, n),
    "highest": lambda _, n: np.full(n, 32767),
    "lowest": lambda _, n: np.full(n, -32768),
    "alternating": lambda _, n: np.where(np.arange(n) % 2, 32767, -32768),
    "square": lambda _, n: np.where(np.arange(n) // 40 % 2, 32767, -32768),
    "full_scale_noise": lambda rng, n: rng.integers(-32768, 32768, n),
    "saturated_noise": lambda rng, n: 200_000 * rng.normal(0, 1, n),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("make", STEADY.values(), ids=STEADY)
def test_extreme_and_faint_sounds_are_speech_for_a_moment_at_most_at_any_rate(make: Callable, rate: int) -> None:
    pcm = saturated(make(np.random.default_rng(11), 4 * rate))
    values = VoiceDetector(rate).process(pcm)
    assert np.all((values >= 0) & (values <= 1))  # NaN is neither
    assert stretches(VoiceGate(44).feed(values), len(values)).sum() <= 10


def test_reset_starts_anew() -> None:
    pcm = np.random.default_rng(10).integers(-3000, 3000, RATE).astype(np.int16)
    detector = VoiceDetector(RATE)
    first = detector.process(pcm)
    detector.process(pcm[:33])
    detector.reset()
    assert detector.process(pcm).tobytes() == first.tobytes()


def test_is_speech_is_monotone_in_both() -> None:
    probabilities, sensitivities = np.linspace(0, 1, 101), np.linspace(0, 100, 51)
    answers = np.array([[is_speech(p, s) for p in probabilities] for s in sensitivities])
    assert np.all(answers[1:] >= answers[:-1])
    assert np.all(answers[:, 1:] >= answers[:, :-1])
    assert is_speech(0.51, 44)
    assert not is_speech(0.49, 44)
    assert is_speech(1, 0)
    assert not is_speech(0, 100)


@pytest.mark.parametrize("sensitivity", [-0.1, 100.1, math.nan, math.inf])
def test_sensitivity_out_of_range_is_refused(sensitivity: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 100"):
        is_speech(0.5, sensitivity)
    with pytest.raises(ValueError, match="from 0 to 100"):
        VoiceGate(sensitivity)


def test_probabilities_that_are_none_are_refused() -> None:
    for probability in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="from 0 to 1"):
            is_speech(probability, 44)
        with pytest.raises(ValueError, match="from 0 to 1"):
            VoiceGate(44).feed(np.array([probability], np.float32))
    with pytest.raises(ValueError, match="shape"):
        VoiceGate(44).feed(np.zeros((2, 2), np.float32))


blocks_of_voice = st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.6, 1.0]), min_size=1, max_size=80)


@given(blocks=blocks_of_voice, low=st.floats(0, 100), high=st.floats(0, 100))
@settings(max_examples=300, deadline=None)
def test_gate_finds_no_less_speech_at_a_higher_sensitivity(blocks: list[float], low: float, high: float) -> None:
    low, high = sorted((low, high))
    padded = np.array(blocks + [0.0] * 20, np.float32)
    less, more = (stretches(VoiceGate(s).feed(padded), len(padded)) for s in (low, high))
    assert np.all(more >= less)


@given(blocks=blocks_of_voice)
@settings(max_examples=300, deadline=None)
def test_gate_does_what_its_words_say(blocks: list[float]) -> None:
    padded = np.array(blocks + [0.0] * 20, np.float32)
    loud = padded >= 0.5
    speech = np.zeros(len(padded), bool)
    for at in range(len(padded)):
        window = slice(max(0, at - 5), at + 1)
        if loud[window].sum() >= 4:
            speech[window] |= loud[window]
    for at in np.flatnonzero(speech):
        speech[max(0, at - 4) : at] = True
    assert np.array_equal(stretches(VoiceGate(44).feed(padded), len(padded)), speech)


@given(blocks=blocks_of_voice)
@settings(max_examples=200, deadline=None)
def test_gate_tells_each_change_within_its_delay(blocks: list[float]) -> None:
    gate, told = VoiceGate(44), []
    for number, value in enumerate(np.array(blocks + [0.0] * 20, np.float32)):
        for speaking, frame in gate.feed(np.array([value])):
            assert number - VoiceGate.delay_blocks <= frame // BLOCK <= number
            told.append((speaking, frame))
    assert told == VoiceGate(44).feed(np.array(blocks + [0.0] * 20, np.float32))
    assert not gate.speaking
    assert [speaking for speaking, _ in told] == [i % 2 == 0 for i in range(len(told))]
