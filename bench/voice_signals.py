"""Speech and what is none, for the rows of bench/voice_rows.py, at 8000 Hz: all seeded.

Speech comes from espeak-ng, in languages that the detector has not learnt from, or from a folder of held-out talkers
that `make -C ext/vad/train clips` makes (`CACHE/clips/test`). RMS levels are in dBFS of the active speech.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.dtmf_signals import RATE, Pcm, Signal, amplitude, rms_of

BLOCK = RATE // 100
GAP, BLIP = 10, 3  # blocks: a shorter pause is speech, a shorter sound is none
RANGE_DB = 30  # below its loud blocks, what is speech in a clean clip
LANGUAGES = ("de", "nl", "ru", "vi", "yue", "fi", "ja", "uk")
SENTENCES = (
    "One two three four five, six seven eight nine ten",
    "My mother has seen the yellow house by the sea",
    "Shall we meet on Saturday at half past three",
    "Please hold the line while I look for the papers",
    "Mama papa sasa fifi shosho haha lala nana",
)

Truth = NDArray[np.bool_]
Random = np.random.Generator


@dataclass(frozen=True)
class Clip:
    """Clean speech of RMS 1 in its active blocks, and which 10 ms blocks are speech."""

    wave: Signal
    truth: Truth


def without_short(flags: Truth, value: bool, longest: int) -> Truth:  # because it is what is looked for
    """Runs of `value` of at most `longest` that lie between others are turned."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8))) + 1
    out = flags.copy()
    for start, stop in pairwise(edges):
        if flags[start] == value and stop - start <= longest:
            out[start:stop] = not value
    return out


def spoken_blocks(wave: Signal) -> Truth:
    """Blocks within reach of the loud ones."""
    energy = np.convolve(np.mean(wave.reshape(-1, BLOCK) ** 2, axis=1), (0.25, 0.5, 0.25), "same")
    db = 10 * np.log10(energy + 1e-3)
    loud = db > max(np.percentile(db, 95) - RANGE_DB, np.percentile(db, 5) + 6)
    return without_short(without_short(loud, value=True, longest=BLIP), value=False, longest=GAP)


def brought_down(wave: Signal, rate: int) -> Signal:
    """To 8000 Hz, by leaving out what lies above 4000 Hz."""
    spectrum = np.fft.rfft(np.concatenate([wave, np.zeros(-len(wave) % rate)]))
    frames = (len(spectrum) - 1) * 2 * RATE // rate
    return np.fft.irfft(spectrum[: frames // 2 + 1], frames)[: len(wave) * RATE // rate] * RATE / rate


def telephone(wave: Signal) -> Signal:
    """What passes from 300 to 3400 Hz, with soft edges."""
    spectrum = np.fft.rfft(wave)
    hertz = np.arange(len(spectrum)) * RATE / len(wave)
    gain = 1 / (1 + (280 / np.maximum(hertz, 1)) ** 6) / (1 + (hertz / 3500) ** 30)
    return np.fft.irfft(spectrum * np.sqrt(gain), len(wave))


def espoken(language: str, sentence: str, pitch: int, speed: int, variant: str) -> Signal:
    words = ["espeak-ng", "-v", f"{language}+{variant}", "-p", str(pitch), "-s", str(speed), "--stdout", sentence]
    said = subprocess.run(words, capture_output=True, check=True).stdout[44:]
    wave = brought_down(np.frombuffer(said, np.int16).astype(float), 22050)
    return wave[: len(wave) // BLOCK * BLOCK]


Talker = list[tuple[Signal, Truth]]  # utterances, of whole blocks


@cache
def synthetic() -> tuple[Talker, ...]:
    """One voice in each language."""
    rng, voices = np.random.default_rng(5), []
    for language in LANGUAGES:
        how = int(rng.integers(20, 90)), int(rng.integers(130, 200)), str(rng.choice(("m1", "m3", "f2", "f4", "m7")))
        waves = [espoken(language, sentence, *how) for sentence in SENTENCES]
        voices.append([(wave, spoken_blocks(wave)) for wave in waves])
    return tuple(voices)


@cache
def stored(folder: Path) -> tuple[Talker, ...]:
    """The held-out people, at most 30 utterances of each, with the truth that the training's labels give.

    One of each source in turn, so that any few of them are of all sources alike.
    """
    voices: dict[str, list[Talker]] = {}
    for path in sorted(set(folder.glob("voice/*.npz")) - set(folder.glob("voice/espeak-*"))):
        kept = np.load(path)
        pcm, bounds, flags, at, clips = kept["pcm"], kept["bounds"], np.load(path.with_suffix(".active.npy")), 0, []
        for a, b in pairwise(bounds):
            blocks = (b - a) // BLOCK
            clips.append((pcm[a : a + blocks * BLOCK].astype(float), flags[at : at + blocks]))
            at += blocks
        clips = [(wave, truth) for wave, truth in clips if len(truth) > 50 and truth.mean() > 0.2]
        chosen = np.random.default_rng(len(clips)).permutation(len(clips))[:30]
        if clips:
            voices.setdefault(path.stem.split("-")[0], []).append([clips[i] for i in chosen])
    turns = [[of[i % len(of)] for of in voices.values()] for i in range(max(map(len, voices.values())))]
    return tuple(voice for turn in turns for voice in turn)


def talkers(folder: Path | None) -> tuple[Talker, ...]:
    return synthetic() if folder is None else stored(folder)


def clip(rng: Random, talker: Talker, lead_s: float, speech_s: float, tail_s: float) -> Clip:
    """Silence, about so much speech with pauses of at most a second, silence."""
    waves, flags, at = [np.zeros(round(lead_s * 100) * BLOCK)], [np.zeros(round(lead_s * 100), bool)], 0
    while at < speech_s * 100:
        wave, truth = talker[int(rng.integers(len(talker)))]
        wave, truth = wave[: 500 * BLOCK], truth[:500]
        first, last = np.flatnonzero(truth)[[0, -1]]
        wave, truth = wave[first * BLOCK : (last + 1) * BLOCK], truth[first : last + 1]
        level = np.sqrt(np.mean(wave.reshape(-1, BLOCK)[truth] ** 2))
        pause = int(rng.uniform(10, 100))
        waves += [wave / level, np.zeros(pause * BLOCK)]
        flags += [truth, np.zeros(pause, bool)]
        at += len(truth) + pause
    waves.append(np.zeros(round(tail_s * 100) * BLOCK))
    flags.append(np.zeros(round(tail_s * 100), bool))
    truth = np.concatenate(flags)
    wave = telephone(np.concatenate(waves))
    return Clip(wave / rms_of(wave.reshape(-1, BLOCK)[truth].ravel()), truth)


def scaled(wave: Signal) -> Signal:
    return wave / (rms_of(wave) + 1e-9)


def white(rng: Random, frames: int) -> Signal:
    return rng.standard_normal(frames)


def sloped(rng: Random, frames: int, db_per_octave: float) -> Signal:
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    hertz = np.maximum(np.arange(len(spectrum)) * RATE / frames, 40)
    return scaled(np.fft.irfft(spectrum * hertz ** (db_per_octave / 6.02), frames))


def pink(rng: Random, frames: int) -> Signal:
    return sloped(rng, frames, -3)


def car(rng: Random, frames: int) -> Signal:
    """Rumble of the road, an engine whose speed wanders."""
    n = np.arange(frames) / RATE
    phase = np.cumsum(2 * np.pi * (38 + 12 * np.sin(2 * np.pi * 0.07 * n + rng.uniform(0, 6))) / RATE)
    engine = sum((np.sin(k * phase + k) / k for k in range(1, 9)), np.zeros(frames))
    return scaled(sloped(rng, frames, -9) + 0.3 * scaled(engine) + 0.1 * sloped(rng, frames, -2))


def hum(rng: Random, frames: int) -> Signal:
    n = np.arange(frames) / RATE
    base = float(rng.choice((50, 60)))
    waves = (np.sin(2 * np.pi * base * k * n + rng.uniform(0, 6)) / k**0.7 for k in (1, 2, 3, 4, 5, 6, 7, 9, 11, 13))
    return scaled(sum(waves, np.zeros(frames)) + 0.05 * rng.standard_normal(frames))


def clicks(rng: Random, frames: int) -> Signal:
    wave = 0.003 * rng.standard_normal(frames)
    for at in np.cumsum(rng.exponential(RATE / 6, frames // 400)).astype(int):
        if at < frames - 40:
            length = int(rng.integers(1, 30))
            wave[at : at + length] += rng.standard_normal(length) * np.exp(-np.arange(length) / 6)
    return scaled(wave)


def melody(rng: Random, frames: int) -> Signal:
    """Plucked and bowed notes in three voices."""
    wave = np.zeros(frames)
    for voice in range(3):
        beat, at = int(rng.choice((1200, 2000, 3200))) * (1 + voice), 0
        while at < frames:
            n = np.arange(min(beat, frames - at)) / RATE
            hertz = 220 * 2 ** (int(rng.choice((0, 3, 5, 7, 10, 12))) / 12) / (1 + voice) * 2
            note = sum((np.sin(2 * np.pi * k * hertz * n) / k for k in range(1, 7)), np.zeros(len(n)))
            wave[at : at + len(n)] += note * np.exp(-n * (4 - voice)) * np.minimum(1, n / 0.01)
            at += beat
    return scaled(wave + 0.002 * rng.standard_normal(frames))


def music(folder: Path | None) -> Callable[[Random, int], Signal]:
    paths = sorted(folder.glob("music/*.npz")) if folder else []

    def part(rng: Random, frames: int) -> Signal:
        if not paths:
            return melody(rng, frames)
        pcm = np.load(paths[int(rng.integers(len(paths)))])["pcm"]
        at = int(rng.integers(len(pcm) - frames))
        return scaled(pcm[at : at + frames].astype(float) + 1e-3)

    return part


def babble(folder: Path | None) -> Callable[[Random, int], Signal]:
    """Six talkers at once."""

    def part(rng: Random, frames: int) -> Signal:
        wave, voices = np.zeros(frames), talkers(folder)
        first = int(rng.integers(len(voices)))
        for voice in (voices + voices)[first : first + 6]:
            one = np.concatenate([voice[int(i)][0] for i in rng.integers(0, len(voice), 60)])
            wave += scaled(np.resize(one[int(rng.integers(RATE)) :], frames))
        return scaled(wave)

    return part


def ringing(rng: Random, frames: int) -> Signal:
    """Ringback, busy or congestion tones of some country."""
    tones, on, off = [
        ((440, 480), 2, 4),
        ((425,), 1, 4),
        ((425,), 0.5, 0.5),
        ((480, 620), 0.5, 0.5),
        ((400,), 0.4, 0.2),
    ][int(rng.integers(5))]
    n = np.arange(frames) / RATE
    return sum((np.sin(2 * np.pi * f * n) for f in tones), np.zeros(frames)) * (n % (on + off) < on)


def saturated(wave: Signal, dbfs: float) -> Pcm:
    """RMS 1 becomes that level; on a line there is always a little noise."""
    return np.clip(np.round(wave * 32768 * 10 ** (dbfs / 20)), -32768, 32767).astype(np.int16)


def at_dbm0(wave: Signal, dbm0: float) -> Pcm:
    """The whole wave at that level, a sine of 0 dBm0 being 3.14 dB below full scale."""
    return saturated(scaled(wave), 20 * np.log10(amplitude(dbm0) / np.sqrt(2) / 32768))
