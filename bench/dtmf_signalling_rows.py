"""What else a line signals with, and no digit: the digits' own tones alone, register signalling, modems."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from bench.dtmf_rows import Trial
from bench.dtmf_signals import HIGH, LOW, RATE, Signal, amplitude, saturated, silence

R1 = (700, 900, 1100, 1300, 1500, 1700)
R2_FORWARD, R2_BACK = range(1380, 1981, 120), range(540, 1141, 120)
FSK = (  # mark and space in Hz, bauds
    (1200, 2200, 1200),
    (1300, 2100, 1200),
    (1300, 1700, 600),
    (1270, 1070, 300),
    (2225, 2025, 300),
    (980, 1180, 300),
    (1650, 1850, 300),
)
PSK = ((1200, 600, 4), (2400, 600, 4), (1800, 1600, 8), (1700, 2400, 4), (1800, 2400, 16))  # carrier, bauds, points


def sounded(frequencies: tuple[float, ...], ms: float) -> Signal:
    n = 2 * np.pi * np.arange(round(ms * RATE / 1000)) / RATE
    tones: Signal = sum((amplitude(-12) * np.sin(f * n + f) for f in frequencies), np.zeros(len(n)))
    return np.concatenate([silence(50), tones])


def groups(every: Sequence[tuple[float, ...]], lengths: tuple[float, ...]) -> Trial:
    return saturated(np.concatenate([sounded(group, ms) for group in every for ms in lengths] + [silence(100)])), ""


def lone_sides() -> Iterator[Trial]:
    alone = [(f,) for f in LOW + HIGH]
    yield groups([*alone, *combinations(LOW, 2), *combinations(HIGH, 2)], (40, 100, 400))


def registers() -> Iterator[Trial]:
    """R1, R2 and C5's line signals, as sent and 1 % above."""
    for tones in (R1, R2_FORWARD, R2_BACK, (2400, 2600)):
        for above in (1.0, 1.01):
            yield groups([(a * above, b * above) for a, b in combinations(tones, 2)], (55, 68, 150))


def modems() -> Iterator[Trial]:
    """FSK of caller identity, V.21, V.23 and Bell 103; phase modulation as of V.22, V.27, V.29 and V.32."""
    rng = np.random.default_rng(21)
    n = np.arange(10 * RATE)
    for mark, space, bauds in FSK:
        bits = rng.integers(0, 2, 10 * bauds + 1)[n * bauds // RATE]
        turn = 2 * np.pi * np.cumsum(np.where(bits == 1, mark, space)) / RATE
        yield saturated(amplitude(-12) * np.sin(turn)), ""
    smooth = np.hanning(9) / np.hanning(9).sum()
    for carrier, bauds, points in PSK:
        for symbols in (rng.integers(0, points, 10 * bauds + 1), np.arange(10 * bauds + 1) % 2 * (points // 2)):
            phase = np.convolve(np.exp(2j * np.pi * symbols / points)[n * bauds // RATE], smooth, "same")
            yield saturated(amplitude(-10) * (phase * np.exp(2j * np.pi * carrier * n / RATE)).real), ""
