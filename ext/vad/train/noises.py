"""Sounds that are no speech, as float arrays of RMS 1: of the line, of the room, and tones of the network."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE = 8000
Wave = NDArray[np.float64]
Random = np.random.Generator


def scaled(wave: Wave) -> Wave:
    """RMS 1."""
    return np.asarray(wave / np.sqrt(np.mean(wave**2) + 1e-12))


def coloured(rng: Random, count: int, slope_db: float) -> Wave:
    """Noise whose power changes by so many dB an octave, flat below 50 Hz."""
    size = 1 << (count - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hertz = np.maximum(np.arange(len(spectrum)) * RATE / size, 50)
    return scaled(np.fft.irfft(spectrum * (hertz / 1000) ** (slope_db / 6.02))[:count])


def slowly(rng: Random, count: int, hertz: float, depth_db: float) -> Wave:
    """A gain that wanders."""
    points = rng.standard_normal(int(count / RATE * hertz) + 3)
    return 10 ** (np.interp(np.arange(count), np.linspace(0, count, len(points)), points) * depth_db / 20)


def white(rng: Random, count: int) -> Wave:
    return rng.standard_normal(count)


def pink(rng: Random, count: int) -> Wave:
    return coloured(rng, count, -3)


def comfort(rng: Random, count: int) -> Wave:
    """Low-passed or tilted noise, as comfort noise generators make it; at times it comes in blocks of 20 ms."""
    wave = coloured(rng, count, rng.uniform(-6, 1))
    if rng.random() < 0.4:
        steps = rng.normal(1, 0.15, count // 160 + 1)
        wave = wave * np.repeat(steps, 160)[:count]
    return scaled(wave)


def room(rng: Random, count: int) -> Wave:
    return scaled(coloured(rng, count, rng.uniform(-8, -1)) * slowly(rng, count, 1.0, rng.uniform(0, 3)))


def car(rng: Random, count: int) -> Wave:
    """Rumble, an engine's harmonics, wind."""
    n = np.arange(count) / RATE
    pitch = rng.uniform(25, 90) * slowly(rng, count, 0.3, 0.8)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    engine = sum(rng.uniform(0.2, 1) / k * np.sin(k * phase + rng.uniform(0, 6)) for k in range(1, 14))
    wave = scaled(coloured(rng, count, rng.uniform(-12, -6))) + rng.uniform(0, 0.8) * scaled(np.asarray(engine))
    wave += rng.uniform(0, 0.4) * room(rng, count)
    return scaled(wave * (1 + rng.uniform(0, 0.3) * np.sin(2 * np.pi * rng.uniform(0.1, 3) * n)))


def hum(rng: Random, count: int) -> Wave:
    n = np.arange(count) / RATE
    base = rng.choice((50.0, 60.0, 100.0, 120.0)) * rng.uniform(0.998, 1.002)
    falls = rng.uniform(0.3, 1.5)
    wave = sum(
        k**-falls * rng.uniform(0, 1) * np.sin(2 * np.pi * base * k * n + rng.uniform(0, 6)) for k in range(1, 30)
    )
    return scaled(scaled(np.asarray(wave)) + rng.uniform(0, 0.2) * rng.standard_normal(count))


def clicks(rng: Random, count: int) -> Wave:
    """Impulses, short bursts, ticks of a clock, keys being pressed."""
    wave = np.zeros(count)
    every = rng.choice((0.05, 0.12, 0.3, 0.8))
    at = np.cumsum(rng.exponential(every, int(count / RATE / every * 2) + 4) * RATE).astype(int)
    if rng.random() < 0.3:
        at = np.arange(int(rng.integers(0, RATE)), count, int(rng.uniform(0.1, 1) * RATE))
    longest = rng.choice((3, 40, 240))
    for start in at[at < count - 500]:
        length = int(rng.integers(1, longest + 1))
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 3))
        if rng.random() < 0.3:
            burst = burst * np.sin(2 * np.pi * rng.uniform(300, 3000) * np.arange(length) / RATE)
        wave[start : start + length] += burst * rng.lognormal(0, 0.5)
    return scaled(wave + 0.005 * rng.standard_normal(count))


CALL_PROGRESS = (  # Hz, seconds on and off
    ((440, 480), (2, 4)), ((425,), (1, 4)), ((400, 450), (0.4, 0.2, 0.4, 2)), ((425,), (1, 3)), ((400,), (1, 2)),
    ((480, 620), (0.5, 0.5)), ((425,), (0.5, 0.5)), ((480, 620), (0.25, 0.25)), ((400,), (0.375, 0.375)),
    ((425,), (0.25, 0.25)), ((425,), (0.2, 0.2)), ((350, 440), (30, 0.1)), ((425,), (30, 0.1)), ((350, 450), (30, 0.1)),
    ((440,), (0.3, 9.7)), ((1400,), (0.5, 14)), ((2100,), (3.3, 1)), ((1100,), (0.5, 3)), ((2100,), (0.45, 0.001)),
    ((1000,), (0.5, 0.5)), ((2600,), (1, 1)), ((440, 480), (1, 2)), ((950,), (0.33, 0.03)),
)  # fmt: skip
LIKE_VOICES = ((350, 440), (350, 450), (400, 450), (440, 480), (425,), (400,), (300,), (800,))
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
R1 = (700, 900, 1100, 1300, 1500, 1700)


def sounding(rng: Random, count: int, hertz: tuple[int, ...], times: tuple[float, ...]) -> Wave:
    """Sines, about as loud as each other, on and off for such seconds in turn."""
    n = np.arange(count) / RATE
    wave = sum(rng.uniform(0.7, 1) * np.sin(2 * np.pi * f * rng.uniform(0.99, 1.01) * n) for f in hertz)
    gate = np.concatenate([np.full(max(1, int(t * RATE)), 1 - i % 2) for i, t in enumerate(times)])
    gate = np.resize(gate, count + len(gate))[int(rng.integers(len(gate))) :][:count]
    return scaled(np.asarray(wave) * gate + 1e-4 * rng.standard_normal(count))


def cadence(rng: Random, count: int) -> Wave:
    """Ringback, busy, dial tone, fax calling."""
    return sounding(rng, count, *CALL_PROGRESS[int(rng.integers(len(CALL_PROGRESS)))])


def in_any_rhythm(rng: Random, count: int, every: Sequence[tuple[int, ...]], least: int, most: int) -> Wave:
    """One of these groups of tones, or at times one between these frequencies, on and off."""
    hertz = every[int(rng.integers(len(every)))]
    hertz = (int(rng.integers(least, most)),) if rng.random() < 0.2 else hertz
    return sounding(rng, count, hertz, tuple(rng.uniform(0.1, 3, 2)))


def beeps(rng: Random, count: int) -> Wave:
    """The network's frequencies, or a box's own, in any rhythm."""
    return in_any_rhythm(rng, count, [hertz for hertz, _ in CALL_PROGRESS], 300, 3000)


def dial(rng: Random, count: int) -> Wave:
    """Low tones, which are the likest to a voice."""
    return in_any_rhythm(rng, count, LIKE_VOICES, 250, 1000)


def keys(rng: Random, count: int) -> Wave:
    """DTMF or R1/R2 pairs, special information tones, melodies of single sines."""
    wave, at, n = np.zeros(count), int(rng.integers(0, RATE)), np.arange(count) / RATE
    kind = rng.integers(4)
    on, off = rng.uniform(0.04, 0.5), rng.uniform(0.04, 0.6)
    while at < count - 100:
        stop = min(count, at + int(on * rng.uniform(0.7, 1.3) * RATE))
        pair = (rng.choice(LOW), rng.choice(HIGH)) if kind < 2 else tuple(rng.choice(R1, 2)) if kind == 2 else ()
        pair = pair or (rng.choice((950, 1400, 1800, *(440 * 2 ** (rng.integers(-5, 20) / 12),))),)
        for f in pair:
            wave[at:stop] += rng.uniform(0.5, 1) * np.sin(2 * np.pi * f * n[at:stop])
        at = stop + int(off * rng.uniform(0.7, 1.3) * RATE) + int((rng.random() < 0.05) * 3 * RATE)
    return scaled(wave + 1e-4 * rng.standard_normal(count))


def data(rng: Random, count: int) -> Wave:
    """Frequency or phase shift keying, as fax and modems send."""
    speed = rng.choice((75, 300, 1200, 2400))
    symbols = np.repeat(rng.integers(0, 4, count * speed // RATE + 2), RATE // speed + 1)[:count]
    base = rng.uniform(800, 2000)
    step = rng.uniform(50, 250) if speed <= 300 else 0
    phase = 2 * np.pi * np.cumsum(base + step * symbols) / RATE + (symbols * np.pi / 2 if step == 0 else 0)
    return scaled(np.sin(phase) + 1e-3 * rng.standard_normal(count))


def chords(rng: Random, count: int) -> Wave:
    """Made music: notes of harmonics with attack and decay, over a beat."""
    wave, beat = np.zeros(count), rng.uniform(0.12, 0.6)
    falls, voices = rng.uniform(0.5, 2), int(rng.integers(1, 5))
    for _ in range(voices):
        at = 0
        while at < count - 400:
            length = min(count - at, int(beat * rng.choice((1, 1, 2, 4)) * RATE))
            n = np.arange(length) / RATE
            pitch = 110 * 2 ** (rng.choice((0, 2, 4, 5, 7, 9, 11)) / 12 + rng.integers(0, 4))
            vibrato = rng.uniform(0, 0.006) * np.sin(2 * np.pi * 5.5 * n)
            tone = sum(
                k**-falls * np.sin(2 * np.pi * k * pitch * (n + vibrato / 5.5)) for k in range(1, 8) if k * pitch < 3800
            )
            decay = np.exp(-n * rng.uniform(0.3, 6)) * np.minimum(1, n / rng.uniform(0.003, 0.08))
            wave[at : at + length] += np.asarray(tone) * decay * (rng.random() < 0.85)
            at += length
    if rng.random() < 0.5:
        for start in range(0, count - 800, int(beat * RATE)):
            wave[start : start + 800] += rng.standard_normal(800) * np.exp(-np.arange(800) / rng.uniform(40, 300)) * 2
    return scaled(wave + 1e-4 * rng.standard_normal(count))


def spectral_channel(rng: Random, wave: Wave) -> Wave:
    """A telephone's or a microphone's own colour."""
    low, high = rng.uniform(150, 400), rng.uniform(2800, 3800)
    kind = rng.random()
    if kind < 0.25:
        low = rng.uniform(30, 100)
    sos = signal.butter(int(rng.integers(1, 5)), (low, high), "bandpass", fs=RATE, output="sos")
    wave = signal.sosfilt(sos, wave)
    tilt = rng.uniform(-0.6, 0.6)
    return np.asarray(signal.lfilter((1, -tilt), (1,), wave))


Maker = Callable[[Random, int], Wave]
STEADY: dict[str, Maker] = {
    "white": white, "pink": pink, "comfort": comfort, "room": room, "car": car, "hum": hum, "clicks": clicks,
    "cadence": cadence, "keys": keys, "data": data, "chords": chords,
    "beeps": beeps, "dial": dial,
}  # fmt: skip
