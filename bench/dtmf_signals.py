"""DTMF as it comes down a line: digits with every fault that the rows of bench/dtmf_rows.py ask for, at 8000 Hz.

0 dBm0 is 3.14 dB below a full-scale sine (ITU-T G.711); sums saturate. All noise is seeded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 8000
LOW = (697, 770, 852, 941)
HIGH = (1209, 1336, 1477, 1633)
DIGITS = "123A456B789C*0#D"
FULL_TONE = 32768 * 10 ** (-3.14 / 20)

Signal = NDArray[np.float64]
Pcm = NDArray[np.int16]


@dataclass(frozen=True)
class Tone:
    """One digit's tone pair: levels in dBm0 per tone, deviations as shares of the nominal frequency."""

    ms: float = 50.0
    low_dbm0: float = -15.0
    high_dbm0: float = -15.0
    low_off: float = 0.0
    high_off: float = 0.0
    phase: float = 0.0

    def samples(self, digit: str, rate: int = RATE) -> Signal:
        row, column = divmod(DIGITS.index(digit), 4)
        n = 2 * np.pi * np.arange(round(self.ms * rate / 1000)) / rate
        low = amplitude(self.low_dbm0) * np.sin(LOW[row] * (1 + self.low_off) * n + self.phase)
        return low + amplitude(self.high_dbm0) * np.sin(HIGH[column] * (1 + self.high_off) * n + 1.7 * self.phase)


def amplitude(dbm0: float) -> float:
    """Of a sine of that level."""
    return float(FULL_TONE * 10 ** (dbm0 / 20))


def silence(ms: float) -> Signal:
    return np.zeros(round(ms * RATE / 1000))


def saturated(signal: Signal) -> Pcm:
    return np.clip(np.round(signal), -32768, 32767).astype(np.int16)


def white(rng: np.random.Generator, frames: int, rms: float) -> Signal:
    return rng.normal(0, rms, frames)


def rms_of(signal: Signal) -> float:
    return float(np.sqrt(np.mean(np.square(signal))))


def dialled(
    digits: str, tone: Tone, pause_ms: float, lead_ms: float = 100.0, shift: int = 0
) -> tuple[Signal, list[int]]:
    """The digits in a row behind `lead_ms` and `shift` samples of silence; where each begins."""
    parts, starts = [silence(lead_ms), np.zeros(shift)], []
    for digit in digits:
        starts.append(sum(map(len, parts)))
        parts += [tone.samples(digit), silence(pause_ms)]
    return np.concatenate([*parts, silence(100)]), starts
