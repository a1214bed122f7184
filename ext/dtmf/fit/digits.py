"""`digits.py CACHE`: digits as lines bring them, and what the detector weighs in each: seeded sets, in digits.npz."""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from runs import Runs, Told, runs, save

from bench import codecs
from bench.dtmf_signals import DIGITS, RATE, Signal, Tone, amplitude, dialled, rms_of, saturated, white

VOICES = ("espeak", "fillets-ng-data-cs", "fillets-ng-data-nl", "hedgewars-data")
TONE_RMS = rms_of(Tone().samples("5"))
AAC_DELAY = 1024  # samples
Dialled = tuple[Signal, list[int]]


def strung(tones: Iterable[Tone], pause: float, rng: np.random.Generator) -> Dialled:
    """All 16 digits by each of the tones, at random shifts; where each begins."""
    parts, starts, at = [], [], 0
    for tone in tones:
        signal, begins = dialled(DIGITS, tone, pause, shift=int(rng.integers(0, 160)))
        starts += [at + begin for begin in begins]
        at += len(signal)
        parts.append(signal)
    return np.concatenate(parts), starts


def rows(ms: float, pause: float, level: float, count: int, seed: int, off: float = 0.0, twist: float = 0.0) -> Dialled:
    """`count` times, at random deviations and twists."""
    rng = np.random.default_rng(seed)
    tones = (
        Tone(
            ms=ms,
            low_dbm0=level,
            high_dbm0=level + rng.uniform(-twist, twist),
            phase=i * 0.6,
            low_off=rng.uniform(-off, off),
            high_off=rng.uniform(-off, off),
        )
        for i in range(count)
    )
    return strung(tones, pause, rng)


def limits(louder: float, twist: float) -> Dialled:
    """Everything at its limit at once: 40 ms on and off, both tones 1.5 % off, and twisted."""
    rng = np.random.default_rng(902)
    low, high = louder - max(twist, 0), louder + min(twist, 0)
    corners = ((-1, -1), (-1, 1), (1, -1), (1, 1)) * 4
    tones = (Tone(40, low, high, 0.015 * a, 0.015 * b, rng.uniform(0, 6)) for a, b in corners)
    return strung(tones, 40, rng)


def tones(signal: Signal, *sines: tuple[float, float]) -> Signal:
    """The sum with sines of (Hz, dBm0)."""
    turn = 2 * np.pi * np.arange(len(signal)) / RATE
    return signal + sum((amplitude(level) * np.sin(hz * turn + hz) for hz, level in sines), np.zeros(len(signal)))


def in_noise(signal: Signal, rng: np.random.Generator, snr_db: float) -> Signal:
    return signal + white(rng, len(signal), TONE_RMS * 10 ** (-snr_db / 20))


def voice(cache: Path) -> tuple[Signal, float]:
    """Ten minutes of each of VOICES, and their RMS while someone speaks."""
    files = [np.fromfile(cache / f"voices/{name}.s16", np.int16)[: 600 * RATE] for name in VOICES]
    speech = np.concatenate(files).astype(float)
    levels = np.sqrt(np.mean(speech[: len(speech) // 160 * 160].reshape(-1, 160) ** 2, axis=1))
    return speech, rms_of(levels[levels > 0.1 * rms_of(speech)])


def over_speech(cache: Path, signal: Signal, rng: np.random.Generator, snr_db: float) -> Signal:
    speech, rms = voice(cache)
    piece = len(signal) // 40
    cuts = [speech[at : at + piece] for at in rng.integers(0, len(speech) - len(signal), 41)]
    return signal + np.concatenate(cuts)[: len(signal)] * TONE_RMS * 10 ** (-snr_db / 20) / rms


def echoed(signal: Signal, ms: int) -> Signal:
    delay = ms * RATE // 1000
    return signal + np.concatenate([np.zeros(delay), signal[:-delay]]) * 10**-0.5


def lines(cache: Path) -> dict[str, tuple[float, Dialled]]:
    """Length of the tones and the signal of each set, codecs apart."""
    rng, sets = np.random.default_rng(7), {}

    def add(name: str, ms: float, dial: Dialled, bend: Signal) -> None:
        sets[name] = ms, (bend, dial[1])

    for snr in (12, 9, 7):
        dial = rows(50, 50, -15, 20, snr)
        add(f"noise {snr}", 50, dial, in_noise(dial[0], rng, snr))
    for snr in (15, 10, 5):
        dial = rows(70, 70, -15, 40, snr + 100)
        add(f"speech {snr}", 70, dial, over_speech(cache, dial[0], rng, snr))
        dial = rows(60, 70, -15, 60, snr + 120, 0.01, 3)
        add(f"twisted, speech {snr}", 60, dial, over_speech(cache, dial[0], rng, snr))
    for ms in (5, 10, 20):
        dial = rows(50, 50, -15, 8, ms + 200)
        add(f"echo {ms}", 50, dial, echoed(dial[0], ms))
    for name, twist in (("clean 40", 3.0), ("clean 40, twist", 4.0)):
        dial = rows(40, 40, -15, 20, 300, 0.015, twist)
        add(name, 40, dial, dial[0])
    for twist in (-8.0, 4.0):
        dial = limits(-28, twist)
        add(f"limits, twist {twist:+.0f}", 40, dial, dial[0])
    for name, sines in (("dial 350", ((350, -14), (440, -14))), ("dial 425", ((425, -11),))):
        dial = rows(60, 60, -15, 4, sines[0][0])
        add(name, 60, dial, tones(dial[0], *sines))
    dial = rows(50, 50, -15, 12, 900, 0.01, 2)
    add("hum", 50, dial, tones(dial[0], (50, -20), (150, -25)))
    add("offset", 50, dial, dial[0] + 3000)
    add("noise 9 and hum", 50, dial, tones(in_noise(dial[0], rng, 9), (50, -25)))
    dial = rows(50, 50, 0, 4, 901, 0.01, 0.1)
    add("clipped", 50, dial, 1.4 * dial[0])
    dial = rows(50, 50, -38, 4, 902, 0.01, 2)
    add("quiet", 50, dial, dial[0] + rng.normal(0, 20, len(dial[0])))
    return sets


def weighed(cache: Path, pcm: np.ndarray, starts: list[int], ms: float) -> list[Runs]:
    """What may tell each digit: runs of its tones that end near its end."""
    told = runs(cache, pcm)
    at = told["step"] * 20
    return [
        told[(at > start + 100) & (at < start + ms * 8 + 500) & (told["digit"] == i % len(DIGITS))]
        for i, start in enumerate(starts)
    ]


def sets(cache: Path) -> dict[str, list[Runs]]:
    found = {}
    for codec, count in (("GSM-FR", 20), ("Opus 12k", 10), ("Speex", 10), ("AAC 16k", 10)):
        for ms in (40, 45, 50, 60, 80):
            signal, starts = rows(ms, max(ms, 50), -12 if ms % 20 else -22, count, 1000 + ms, 0.012, 3)
            pcm = codecs.through(codec, saturated(signal))
            found[f"{codec} {ms}"] = weighed(cache, pcm[AAC_DELAY if codec == "AAC 16k" else 0 :], starts, ms)
    for ms in (50, 60):
        signal, starts = rows(ms, ms, -12, 12, 2000 + ms, 0.012, 3)
        noisy = saturated(in_noise(signal, np.random.default_rng(ms), 22))
        found[f"GSM-FR {ms}, noise 22"] = weighed(cache, codecs.through("GSM-FR", noisy), starts, ms)
    for name, (ms, (signal, starts)) in lines(cache).items():
        found[name] = weighed(cache, saturated(signal), starts, ms)
    return found


def main() -> None:
    cache = Path(sys.argv[1])
    save(cache / "digits.npz", Told.joined([Told.of(name, told) for name, told in sets(cache).items()]))


if __name__ == "__main__":
    main()
