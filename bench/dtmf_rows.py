"""The rows of the DTMF table, after ITU-T Q.24, the Mitel CM7291 procedure and Bellcore's talk-off.

Each row yields trials: what is heard, and the digits that must be told, neither more nor fewer.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from bench.dtmf_signals import DIGITS, RATE, Pcm, Signal, Tone, amplitude, dialled, rms_of, saturated, silence, white

Trial = tuple[Pcm, str]
Row = Callable[[], Iterator[Trial]]


def deviation(share: float, sides: str, expected: bool) -> Row:
    """Both tones or one ("both", "low", "high") off by `share`, up and down."""

    def trials() -> Iterator[Trial]:
        for digit in DIGITS:
            for sign in (-1, 1):
                for other in (-1, 1) if sides == "both" else (0,):
                    low = sign * share if sides != "high" else 0.0
                    high = {"both": other, "high": sign, "low": 0}[sides] * share
                    signal, _ = dialled(digit, Tone(low_off=low, high_off=high), 50)
                    yield saturated(signal), digit if expected else ""

    return trials


def twist(high_over_low_db: float, expected: bool, level: float = -10.0) -> Row:
    def trials() -> Iterator[Trial]:
        for digit in DIGITS:
            low, high = (level, level + high_over_low_db) if high_over_low_db < 0 else (level - high_over_low_db, level)
            signal, _ = dialled(digit, Tone(low_dbm0=low, high_dbm0=high), 50)
            yield saturated(signal), digit if expected else ""

    return trials


def corners(high_over_low_db: float, louder_dbm0: float) -> Row:
    """Everything at its limit at once: 40 ms on and off, both tones 1.5 % off, and twisted."""

    def trials() -> Iterator[Trial]:
        low, high = louder_dbm0 - max(high_over_low_db, 0), louder_dbm0 + min(high_over_low_db, 0)
        for number, (a, b) in enumerate(((-1, -1), (-1, 1), (1, -1), (1, 1))):
            tone = Tone(40, low, high, 0.015 * a, 0.015 * b)
            for phase in range(4):
                signal, _ = dialled(DIGITS, replace(tone, phase=phase * 1.3 + number), 40, shift=phase * 7)
                yield saturated(signal), DIGITS

    return trials


def level(dbm0: float, expected: bool) -> Row:
    def trials() -> Iterator[Trial]:
        for digit in DIGITS:
            for phase in (0.0, 1.0, 2.0):
                signal, _ = dialled(digit, Tone(low_dbm0=dbm0, high_dbm0=dbm0, phase=phase), 50)
                yield saturated(signal), digit if expected else ""

    return trials


def duration(ms: float, expected: bool) -> Row:
    """At every alignment of a 20 ms packet in steps of 7 samples."""

    def trials() -> Iterator[Trial]:
        for digit in DIGITS:
            for shift in range(0, 160, 7):
                signal, _ = dialled(digit, Tone(ms=ms, phase=shift / 9), 60, shift=shift)
                yield saturated(signal), digit if expected else ""

    return trials


def pause(ms: float) -> Row:
    """The same digit twice, so far apart: always two."""

    def trials() -> Iterator[Trial]:
        for digit in DIGITS:
            for shift in range(0, 40, 7):
                for long_ms in (40, 50, 120):
                    signal, _ = dialled(digit * 2, Tone(ms=long_ms, phase=shift / 3), ms, shift=shift)
                    yield saturated(signal), digit * 2

    return trials


def drop_out(ms: float, tone_ms: float) -> Row:
    """One digit, silent for a while at some place within its tone: still one."""

    def trials() -> Iterator[Trial]:
        hole = round(ms * RATE / 1000)
        for digit in DIGITS:
            signal, (start,) = dialled(digit, Tone(ms=tone_ms), 100)
            for at in range(start + 20, start + round(tone_ms * RATE / 1000) - hole, 37):
                heard = signal.copy()
                heard[at : at + hole] = 0
                yield saturated(heard), digit

    return trials


def noise(snr_db: float, count: int = 63) -> Row:
    """All digits in a row with white noise throughout, so far below the digits' power."""

    def trials() -> Iterator[Trial]:
        rng = np.random.default_rng(12)
        tone = Tone()
        for _ in range(count):
            signal, _ = dialled(DIGITS, replace(tone, phase=float(rng.uniform(0, 6))), 50)
            rms = rms_of(tone.samples("5")) * 10 ** (-snr_db / 20)
            yield saturated(signal + white(rng, len(signal), rms)), DIGITS

    return trials


def over_speech(speech: Pcm, snr_db: float, count: int = 30) -> Row:
    """All digits in a row with speech throughout, the speech's RMS (silence left out) so far below the digits'."""

    def trials() -> Iterator[Trial]:
        rng = np.random.default_rng(13)
        voice = speech.astype(float)
        blocks = voice[: len(voice) // 160 * 160].reshape(-1, 160)
        active = blocks[np.sqrt(np.mean(blocks**2, axis=1)) > 0.1 * rms_of(voice)]
        for _ in range(count):
            signal, _ = dialled(DIGITS, Tone(ms=70), 70)
            at = int(rng.integers(0, len(voice) - len(signal)))
            piece = voice[at : at + len(signal)]
            gain = rms_of(Tone().samples("5")) * 10 ** (-snr_db / 20) / rms_of(active)
            yield saturated(signal + gain * piece), DIGITS

    return trials


def echo(delay_ms: float, below_db: float = 10.0) -> Row:
    def trials() -> Iterator[Trial]:
        delay = round(delay_ms * RATE / 1000)
        for phase in range(10):
            signal, _ = dialled(DIGITS, Tone(phase=phase * 0.6), 50)
            late = np.concatenate([np.zeros(delay), signal[:-delay]])
            yield saturated(signal + late * 10 ** (-below_db / 20)), DIGITS

    return trials


def dial_tone(frequencies: tuple[int, ...], dbm0: float) -> Row:
    """Dial tone of that level each under digits of -15 dBm0."""

    def trials() -> Iterator[Trial]:
        for phase in range(4):
            signal, _ = dialled(DIGITS, Tone(ms=60, phase=phase), 60)
            n = 2 * np.pi * np.arange(len(signal)) / RATE
            hum: Signal = sum((amplitude(dbm0) * np.sin(f * n + phase) for f in frequencies), np.zeros(len(signal)))
            yield saturated(signal + hum), DIGITS

    return trials


def lone_tones() -> Iterator[Trial]:
    """Call progress and other tones that are no digits: dial, ringback, busy, SIT, fax, R1 and R2 pairs, sweeps."""
    pairs = [(350, 440), (425,), (440, 480), (480, 620), (950,), (1400,), (1800,), (1100,), (2100,), (1000,)]
    r1 = [(a, b) for a in (700, 900, 1100, 1300, 1500, 1700) for b in (700, 900, 1100, 1300, 1500, 1700) if a < b]
    r2 = [(a, b) for a in range(1380, 2000, 120) for b in range(1380, 2000, 120) if a < b]
    back = [(a, b) for a in range(540, 1150, 120) for b in range(540, 1150, 120) if a < b]
    for group in (*pairs, *r1, *r2, *back):
        n = 2 * np.pi * np.arange(RATE) / RATE
        signal: Signal = sum((amplitude(-10) * np.sin(f * n) for f in group), np.zeros(RATE))
        yield saturated(np.concatenate([silence(50), signal, silence(100)])), ""
    n = np.arange(8 * RATE) / RATE
    yield saturated(amplitude(-10) * np.sin(2 * np.pi * (500 * n + 100 * n**2))), ""
