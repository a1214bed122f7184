"""The ear of a line, through its door: what it tells, in any cuts, and over a snapshot."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.dtmf_signals import Tone, saturated, white
from recorder._dsp import EAR_VERSION, Ear, VoiceGate

if TYPE_CHECKING:
    from recorder._dsp import Heard

RATES = (8000, 16000, 44100, 48000)


def line(rate: int, seconds: float = 0.9) -> bytes:
    """Two parties: digits and noise on the first, noise alone on the second."""
    rng = np.random.default_rng(rate)
    frames = round(seconds * rate)
    speak = np.zeros(frames)
    for number, digit in enumerate("5#0"):
        tone = Tone(ms=60).samples(digit, rate)
        at = rate // 10 + number * rate // 4
        speak[at : at + len(tone)] += tone
    both = np.stack([speak + white(rng, frames, 50), white(rng, frames, 400)], axis=1)
    return saturated(both).tobytes()


def hear(ear: Ear, pcm: bytes, cuts: list[int]) -> "list[Heard]":
    told, at = [], 0
    for frames in (*cuts, len(pcm) // 4):
        told.append(ear.hear(pcm[4 * at : 4 * (at + frames)]))
        at += frames
    return told


def together(told: "list[Heard]") -> tuple[tuple[bytes, ...], tuple[tuple[int, str, str, int], ...]]:
    """The blocks and digits of results one behind the other, which must fit."""
    blocks, digits, next_block, judged = [b"", b""], (), told[0][4], 0
    for kind, slot, head, now_judged, first_block, parties, found in told:
        assert (kind, slot, first_block) == ("audio", 0, next_block)
        assert judged <= now_judged <= head
        assert all(frame >= judged for _, state, _, frame in found if state == "on")
        judged, next_block, digits = now_judged, next_block + len(parties[0]) // 6, digits + found
        blocks = [before + party for before, party in zip(blocks, parties, strict=True)]
    return tuple(blocks), digits


@pytest.mark.parametrize("rate", RATES)
def test_ear_tells_digits_blocks_and_levels(rate: int) -> None:
    pcm = line(rate)
    ear = Ear(rate, 2)
    blocks, digits = together([ear.hear(pcm), ear.flush()])
    assert [(party, state, digit) for party, state, digit, _ in digits] == [
        (0, state, digit) for digit in "5#0" for state in ("on", "off")
    ]
    for number, (_, _, _, frame) in enumerate(digits[::2]):
        assert abs(frame - (rate // 10 + number * rate // 4)) <= rate // 200
    samples = np.frombuffer(pcm, np.int16).reshape(-1, rate // 100, 2).astype(float)
    for party in (0, 1):
        told = np.frombuffer(blocks[party], np.dtype([("min", "i2"), ("max", "i2"), ("voice", "u1"), ("level", "u1")]))
        assert np.array_equal(told["min"], samples[:, :, party].min(axis=1))
        assert np.array_equal(told["max"], samples[:, :, party].max(axis=1))
        rms = np.sqrt(np.mean(samples[:, :, party] ** 2, axis=1))
        assert np.all(np.abs(told["level"] / 2 + 20 * np.log10(rms / 32768)) <= 0.26)


@pytest.mark.parametrize("rate", RATES)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=20))
@settings(max_examples=10, deadline=None)
def test_ear_tells_the_same_in_any_cuts(rate: int, cuts: list[int]) -> None:
    pcm = line(rate)
    ear, other = Ear(rate, 2), Ear(rate, 2)
    whole = together([ear.hear(pcm), ear.flush()])
    assert together([*hear(other, pcm, cuts), other.flush()]) == whole


@pytest.mark.parametrize("rate", RATES)
@given(at=st.integers(0, 7000))
@settings(max_examples=15, deadline=None)
def test_restored_ear_goes_on_as_the_original(rate: int, at: int) -> None:
    pcm = line(rate)
    ear, other = Ear(rate, 2), Ear(rate, 2, 99 * (rate // 100))
    ear.hear(pcm[: 4 * at])
    other.restore(ear.snapshot())
    assert other.hear(pcm[4 * at :]) == ear.hear(pcm[4 * at :])
    assert other.flush() == ear.flush()


@pytest.mark.parametrize("rate", RATES)
def test_frames_count_from_the_first(rate: int) -> None:
    pcm = line(rate)
    first = 1234 * (rate // 100)
    early, late = Ear(rate, 2), Ear(rate, 2, first)
    kind, slot, head, judged, block, parties, digits = early.hear(pcm)
    moved = tuple((party, state, digit, frame + first) for party, state, digit, frame in digits)
    assert late.hear(pcm) == (kind, slot, head + first, judged + first, block + 1234, parties, moved)


@pytest.mark.parametrize("rate", RATES)
def test_judged_stays_within_100_ms_of_head_and_reaches_it_at_the_end(rate: int) -> None:
    pcm, ear, at = line(rate), Ear(rate, 2), 0
    for frames in [7, 160, rate // 50] * 12:
        _, _, head, judged, first_block, parties, _ = ear.hear(pcm[4 * at : 4 * (at + frames)])
        at += frames
        assert head - judged <= rate // 10
        assert judged <= (first_block + len(parties[0]) // 6) * (rate // 100)
    _, _, head, judged, _, _, _ = ear.flush()
    assert judged == head == at


def test_digit_ended_by_the_end_of_the_input_is_told_with_frames_inside_it() -> None:
    pcm = saturated(np.concatenate([np.zeros(800), Tone(ms=50).samples("9")])).tobytes()
    ear = Ear(8000, 1)
    told = ear.hear(pcm)[6] + ear.flush()[6]
    assert [(state, digit) for _, state, digit, _ in told] == [("on", "9"), ("off", "9")]
    assert 1195 <= told[1][3] <= 1199


def test_nothing_is_heard_behind_the_end() -> None:
    ear = Ear(8000, 1)
    ear.flush()
    with pytest.raises(ValueError, match="has ended"):
        ear.hear(b"\0\0")
    with pytest.raises(ValueError, match="has ended"):
        ear.flush()


@pytest.mark.parametrize(
    ("rate", "parties", "first"), [(11025, 1, 0), (8000, 0, 0), (8000, 3, 0), (8000, 1, 79), (44100, 1, 80)]
)
def test_ear_that_cannot_be_is_refused(rate: int, parties: int, first: int) -> None:
    with pytest.raises(ValueError, match=f"{parties} at {rate} Hz from frame {first}"):
        Ear(rate, parties, first)


def test_half_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes are no whole frames"):
        Ear(8000, 2).hear(b"\0\0\0")


def test_foreign_snapshot_is_refused_and_changes_nothing() -> None:
    ear = Ear(8000, 2)
    ear.hear(line(8000)[:4000])
    state = ear.snapshot()
    for bad in (b"", state[:-1], state + b"\0", bytes(len(state)), Ear(16000, 2).snapshot(), Ear(8000, 1).snapshot()):
        with pytest.raises(ValueError, match=f"no ear of version {EAR_VERSION} for 2 parties at 8000 Hz"):
            ear.restore(bad)
    assert ear.snapshot() == state


def test_memory_of_a_channel_is_small() -> None:
    assert len(Ear(8000, 2).snapshot()) <= 2 * 8000


@given(voice=st.lists(st.sampled_from([0, 127, 128, 255]), max_size=60), at=st.integers(0, 60))
@settings(max_examples=100, deadline=None)
def test_restored_gate_goes_on_as_the_original(voice: list[int], at: int) -> None:
    data = bytes(voice)
    whole, gate, other = VoiceGate(44, 80), VoiceGate(44, 80), VoiceGate(44, 80)
    told = gate.feed(5, data[:at])
    other.load(gate.save())
    assert told + other.feed(5 + len(data[:at]), data[at:]) == whole.feed(5, data)


def test_gate_hears_missing_blocks_as_silence_and_refuses_old_ones() -> None:
    gate = VoiceGate(44, 80)
    assert gate.feed(100, b"\xff" * 10) == [(True, 8000)]
    assert gate.feed(1_000_000, b"\0") == [(False, 8800)]
    with pytest.raises(ValueError, match="block 5 was fed already: the next is 1000001"):
        gate.feed(5, b"\0")


def test_speech_begins_four_blocks_ahead_of_the_first_loud_one_if_they_were_heard() -> None:
    assert VoiceGate(44, 80).feed(100, b"\0" * 10 + b"\xff" * 10) == [(True, 106 * 80)]
    gate = VoiceGate(44, 80)
    assert gate.feed(100, b"\0" * 10) == []
    assert gate.feed(200, b"\0" + b"\xff" * 10) == [(True, 200 * 80)]


def test_gate_of_another_sensitivity_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no gate of sensitivity 44\.0"):
        VoiceGate(44, 80).load(VoiceGate(10, 80).save())
