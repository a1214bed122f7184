"""What lines, codecs and phones do to digits: rows as those of bench/dtmf_rows.py, each one long trial or a few."""

from collections.abc import Callable, Iterator

import numpy as np

from bench import codecs
from bench.dtmf_rows import Row, Trial
from bench.dtmf_signals import DIGITS, RATE, Pcm, Signal, Tone, amplitude, dialled, rms_of, saturated, silence, white

PACKET = RATE // 50


def various(ms: float, pause_ms: float, rounds: int = 10, seed: int = 3) -> Signal:
    """All digits, in each round with another phase, alignment, twist of up to 2 dB and deviation of up to 1 %."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(rounds):
        low, high = rng.uniform(-0.01, 0.01, 2)
        tone = Tone(ms, -12.0, -12.0 + number % 5 - 2, low, high, phase=number * 0.6)
        parts.append(dialled(DIGITS, tone, pause_ms, shift=number * 13)[0])
    return np.concatenate(parts)


def codec(name: str, ms: float, pause_ms: float, rounds: int = 10) -> Row:
    def trials() -> Iterator[Trial]:
        yield codecs.through(name, saturated(various(ms, pause_ms, rounds))), DIGITS * rounds

    return trials


def bent(bend: Callable[[Signal], Signal], ms: float = 50, pause_ms: float = 50, rounds: int = 4) -> Row:
    """The digits after something was done to them."""

    def trials() -> Iterator[Trial]:
        yield saturated(bend(various(ms, pause_ms, rounds))), DIGITS * rounds

    return trials


def time_of(signal: Signal) -> Signal:
    return 2 * np.pi * np.arange(len(signal)) / RATE


def with_tone(hz: float, dbm0: float) -> Callable[[Signal], Signal]:
    return lambda signal: signal + amplitude(dbm0) * np.sin(hz * time_of(signal))


def with_hum(signal: Signal) -> Signal:
    """Mains, 50 and 150 Hz."""
    return with_tone(50, -15)(with_tone(150, -20)(signal))


def with_offset(signal: Signal) -> Signal:
    return signal + 4000


def clipped(signal: Signal) -> Signal:
    """Both tones at about 0 dBm0, cut off at full scale."""
    return 4 * signal


def with_gain_control(signal: Signal) -> Signal:
    """An amplifier that turns itself down by 12 dB within 30 ms of sound, and up again in silence."""
    gain, out = 1.0, np.empty_like(signal)
    for at in range(0, len(signal), 8):
        piece = signal[at : at + 8]
        goal = 0.25 if rms_of(piece) > 100 else 1.0
        gain += (goal - gain) * 8 / (0.030 * RATE)
        out[at : at + 8] = gain * piece
    return out


def with_fades(signal: Signal) -> Signal:
    """A mobile's fading: 9 dB up and down 4 times a second, noise 25 dB below."""
    depth = 10 ** (-(4.5 + 4.5 * np.sin(4 * time_of(signal))) / 20)
    return signal * depth + white(np.random.default_rng(4), len(signal), rms_of(signal) / 18)


def with_repeats(every: int) -> Callable[[Signal], Signal]:
    """Each `every`th packet of 20 ms is lost, and the receiver plays the one before at half its level."""

    def bend(signal: Signal) -> Signal:
        out = signal.copy()
        for at in range(every * PACKET, len(signal) - PACKET, every * PACKET):
            out[at : at + PACKET] = 0.5 * signal[at - PACKET : at]
        return out

    return bend


def regenerated(ms: float, pause_ms: float) -> Row:
    """As gateways play RFC 4733 events: cut hard at packets' edges, the same phase each time."""

    def trials() -> Iterator[Trial]:
        signal, _ = dialled(DIGITS * 2, Tone(ms, -10, -8, phase=0.5 * np.pi), pause_ms)
        yield saturated(signal), DIGITS * 2

    return trials


def risen(rise_ms: float, ms: float = 40, rounds: int = 4) -> Row:
    """Tones that come up over `rise_ms`, as codecs find into them: what is left of a short one is shorter still."""

    def trials() -> Iterator[Trial]:
        rise = round(rise_ms * RATE / 1000)
        for number in range(rounds):
            signal, starts = dialled(DIGITS, Tone(ms, -12, -13 + number % 3, phase=number * 1.3), 42, shift=number * 13)
            for start in starts:
                signal[start : start + rise] *= np.linspace(0, 1, rise) ** 2
            yield saturated(signal), DIGITS

    return trials


def music() -> Iterator[Trial]:
    """Twenty seconds each of chords and melodies of plucked and held notes, off and on the digits' own frequencies."""
    rng = np.random.default_rng(6)
    for _ in range(6):
        wave = np.zeros(20 * RATE)
        for at in range(0, len(wave) - RATE, int(rng.integers(900, 4000))):
            for note in rng.integers(40, 84, int(rng.integers(1, 5))):
                wave[at : at + RATE] += plucked(440 * 2 ** ((note - 69) / 12), float(rng.uniform(1, 8)), rng)
        yield saturated(wave * 3000 / rms_of(wave)), ""


def plucked(hz: float, decay: float, rng: np.random.Generator) -> Signal:
    n = np.arange(RATE) / RATE
    partials = [k for k in range(1, 9) if k * hz < 3600]
    levels = rng.uniform(0.2, 1, len(partials)) / np.arange(1, len(partials) + 1)
    tones = [level * np.sin(2 * np.pi * k * hz * n) for k, level in zip(partials, levels, strict=True)]
    return np.sum(tones, axis=0) * np.exp(-decay * n) if tones else np.zeros(RATE)


def singing() -> Iterator[Trial]:
    """A vowel that swells and rises in pitch, third and seventh partial on the tones of A."""
    rng = np.random.default_rng(9)
    partials = {1: -3.7, 2: 0, 3: -0.4, 4: -20, 6: -17.7, 7: -2.7, 12: -14.8}
    n = np.arange(120 * RATE // 1000)
    for rise_per_s in (0.12, 0.15, 0.2):
        for swell_s in (0.025, 0.04, 0.06):
            parts = [silence(200)]
            for _ in range(5):
                turn = 2 * np.pi * 233 * rng.uniform(0.992, 1.004) * np.cumsum(1 + rise_per_s * n / RATE) / RATE
                tones = [10 ** (db / 20) * np.sin(k * turn + rng.uniform(0, 6)) for k, db in partials.items()]
                swell = (1 - np.exp(-n / RATE / swell_s)) * np.minimum(1, (len(n) - n) / 80)
                parts += [3000 * swell * np.sum(tones, axis=0), silence(200)]
            yield saturated(np.concatenate(parts)), ""


def tones_of_the_network() -> Iterator[Trial]:
    """Ringback, busy, congestion in their rhythms, SIT, fax calling and answering, and a 300 bit/s modem."""
    rng = np.random.default_rng(8)
    rhythms = [
        ((440, 480), 2.0, 4.0),
        ((425,), 1.0, 4.0),
        ((480, 620), 0.5, 0.5),
        ((425,), 0.25, 0.25),
        ((1100,), 0.5, 3),
    ]
    for group, on, off in rhythms:
        n = np.arange(12 * RATE) / RATE
        wave = sum((amplitude(-12) * np.sin(2 * np.pi * f * n) for f in group), np.zeros(len(n)))
        yield saturated(wave * (n % (on + off) < on)), ""
    for low, middle, high in ((985.2, 1428.5, 1776.7), (913.8, 1370.6, 1776.7), (950, 1400, 1800)):
        n = np.arange(RATE // 3) / RATE
        yield saturated(np.concatenate([amplitude(-10) * np.sin(2 * np.pi * f * n) for f in (low, middle, high)])), ""
    for middle, shift in ((1080, 100), (1750, 100)):
        bits = np.repeat(rng.integers(0, 2, 3000) * 2 - 1, RATE // 300)
        yield saturated(amplitude(-10) * np.sin(2 * np.pi * np.cumsum(middle + shift * bits) / RATE)), ""
    n = np.arange(4 * RATE) / RATE
    yield saturated(amplitude(-12) * np.sin(2 * np.pi * 2100 * n + np.pi * (n // 0.45))), ""


def sped(pcm: Pcm, speed: float) -> Pcm:
    """As a tape that runs faster or slower: cubic interpolation."""
    at = np.arange(1, len(pcm) - 3, speed)
    whole = at.astype(np.int64)
    t = (at - whole).astype(np.float32)
    a, b, c, d = (pcm[whole + k].astype(np.float32) for k in (-1, 0, 1, 2))
    bent_by = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.clip(np.round(bent_by), -32768, 32767).astype(np.int16)
