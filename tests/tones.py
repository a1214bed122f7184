"""Signals for tests: key presses, and bursts that every voice detector takes for speech."""

import array
import math
import random

ROWS, COLUMNS = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")


def key_press(digit: str, rate: int = 8000, seconds: float = 0.1, peak: float = 7000) -> bytes:
    """A DTMF tone (ITU-T Q.23)."""
    row = next(n for n, keys in enumerate(KEYS) if digit in keys)
    low, high = ROWS[row], COLUMNS[KEYS[row].index(digit)]
    step = 2 * math.pi / rate
    return samples(peak * (math.sin(step * low * n) + math.sin(step * high * n)) for n in range(round(rate * seconds)))


def babble(seconds: float, rate: int = 8000, seed: int = 1, peak: float = 9000) -> bytes:
    """Voiced syllables: harmonics of a gliding pitch under an envelope of four a second, a little breath noise."""
    chance = random.Random(seed)
    phase, out = 0.0, []
    for n in range(round(rate * seconds)):
        t = n / rate
        phase += 2 * math.pi * (140 + 30 * math.sin(2 * math.pi * 0.7 * t)) / rate
        envelope = 0.25 + 0.75 * max(0.0, math.sin(2 * math.pi * 4 * t))
        voiced = sum(math.sin(k * phase) / k for k in range(1, 12))
        out.append(peak * 0.4 * envelope * voiced + chance.gauss(0, 40))
    return samples(out)


def hiss(seconds: float, rate: int = 8000, seed: int = 2, rms: float = 20) -> bytes:
    """A quiet line: white noise."""
    chance = random.Random(seed)
    return samples(chance.gauss(0, rms) for _ in range(round(rate * seconds)))


def samples(values: object) -> bytes:
    return array.array("h", (max(-32768, min(32767, round(value))) for value in values)).tobytes()
