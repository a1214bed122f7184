"""The programme that is played to a line: silence, a tone, digits, silence, bursts like speech, silence.

Places are seconds from the tone's beginning, by which a recording of it is aligned.
"""

import array
import math
import random
import sys

TONE_HZ, TONE_DBFS = 1000.0, -20.0
LEAD_S = 0.5
TONE = (0.0, 1.0)
DIGITS = "0123456789*#ABCD"
DIGIT_S, DIGITS_FROM_S = 0.1, 1.6  # ITU-T Q.24 asks for less of either: 40 ms, and as long a pause
DIGITS_END_S = DIGITS_FROM_S + 2 * DIGIT_S * len(DIGITS)
SILENCES = ((1.2, 1.5), (DIGITS_END_S + 0.5, DIGITS_END_S + 1.8))
BURST_S, BURSTS = 0.4, tuple(DIGITS_END_S + 2.0 + 0.9 * number for number in range(3))
PITCHES_HZ = (120.0, 190.0, 150.0)
END_S = BURSTS[-1] + BURST_S + 1.5
ROWS, COLUMNS = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)  # ITU-T Q.23
KEYS = ("123A", "456B", "789C", "*0#D")
_DIGIT_PEAK = 0.18  # of full scale, each of the two tones


def pcm(rate: int) -> bytes:
    """The whole of it: mono s16le."""
    sound = array.array("h", bytes(2 * round((LEAD_S + END_S) * rate)))
    _put(sound, rate, TONE[0], [10 ** (TONE_DBFS / 20) * math.sin(math.tau * TONE_HZ * n / rate) for n in range(rate)])
    for number, digit in enumerate(DIGITS):
        _put(sound, rate, DIGITS_FROM_S + 2 * DIGIT_S * number, _digit(digit, rate))
    for at_s, pitch_hz in zip(BURSTS, PITCHES_HZ, strict=True):
        _put(sound, rate, at_s, _burst(pitch_hz, rate))
    if sys.byteorder == "big":
        sound.byteswap()
    return sound.tobytes()


def _put(sound: "array.array[int]", rate: int, at_s: float, samples: list[float]) -> None:
    first = round((LEAD_S + at_s) * rate)
    sound[first : first + len(samples)] = array.array("h", [round(32767 * max(-1.0, min(1.0, s))) for s in samples])


def _digit(digit: str, rate: int) -> list[float]:
    row = next(n for n, keys in enumerate(KEYS) if digit in keys)
    pair = ROWS[row], COLUMNS[KEYS[row].index(digit)]
    steps = [math.tau * hz / rate for hz in pair]
    return [_DIGIT_PEAK * sum(math.sin(step * n) for step in steps) for n in range(round(DIGIT_S * rate))]


def _burst(pitch_hz: float, rate: int) -> list[float]:
    """A syllable: harmonics of a falling pitch under a mouth that opens and shuts, and a little breath noise."""
    chance, phase, said = random.Random(pitch_hz), 0.0, []  # noqa: S311 # because it is noise, not a secret
    count, loud = round(rate * BURST_S), [0.0]
    for n in range(count):
        swell = math.sin(math.pi * n / count)
        if n % (rate // 100) == 0:
            loud = [_resonance(k * pitch_hz, swell) for k in range(1, int(3400 / pitch_hz))]
        phase += math.tau * pitch_hz * (1.15 - 0.3 * n / count) / rate
        voiced = sum(each * math.sin(k * phase) for k, each in enumerate(loud, 1))
        said.append(0.12 * swell * voiced + chance.gauss(0, 0.0012))
    return said


def _resonance(hz: float, opened: float) -> float:
    """What the throat lets through with the mouth so far open: three formants, from those of "ee" to those of "ah"."""
    formants = ((1.0, 350 + 400 * opened, 90.0), (0.5, 2000 - 800 * opened, 130.0), (0.25, 2600.0, 200.0))
    return 0.02 + sum(gain / (1 + ((hz - at_hz) / width_hz) ** 2) for gain, at_hz, width_hz in formants)
