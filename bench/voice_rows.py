"""The voice table: AUC and F1 over 37 cells, end silences, false starts and onsets of any detector.

    material = voice_rows.Material.made(folder)   # or None: espeak-ng speaks
    score = voice_rows.scored(probabilities, stretches, material)

`probabilities` turns 8000 Hz int16 into one number for each 10 ms block, `speaks` turns those into flags of speech and
into the blocks at which the flags were known.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import voice_signals as signals
from bench.dtmf_signals import Pcm
from bench.voice_signals import BLOCK, Clip, Random, Truth
from recorder.dsp import VoiceDetector, VoiceGate

Probabilities = NDArray[np.float32]
Hear = Callable[[Pcm], Probabilities]
END_S, NEAR_BLOCKS = 2.0, 50
SNRS_DB = (20, 15, 10, 5, 0)
NOISES = ("white", "pink", "babble", "hum", "clicks", "music", "car")


@dataclass(frozen=True)
class Case:
    pcm: Pcm
    truth: Truth


@dataclass(frozen=True)
class Told:
    """Which blocks are speech, and with which block the first of them, and 2 s of silence behind it, were known."""

    flags: Truth
    began: int | None
    ended: int | None


Gate = Callable[[Probabilities], Told]


@dataclass(frozen=True)
class Score:
    auc: float
    f1: float
    ends: int
    early: int
    of: int
    false_starts: int
    noise_clips: int
    onset_ms: float
    by_cell: dict[str, tuple[float, float]]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Material:
    cells: dict[str, list[Case]]
    ends: list[Case]
    noises: list[Pcm]

    @classmethod
    def made(
        cls, folder: Path | None = None, clips: int = 18, ends: int = 256, noises: int = 56, seed: int = 1
    ) -> "Material":
        rng = np.random.default_rng(seed)
        source = itertools.cycle(signals.talkers(folder))
        makers = makers_of(folder)
        spoken = [signals.clip(rng, next(source), 2.0, 8.0, 2.0) for _ in range(clips)]
        cells = {"clean": [mixed(rng, clip, None, 0) for clip in spoken]}
        cells["comfort noise"] = [mixed(rng, clip, makers["white"], 35) for clip in spoken]
        for name in NOISES:
            for snr in SNRS_DB:
                cells[f"{name} {snr} dB"] = [mixed(rng, clip, makers[name], snr) for clip in spoken]
        ended = ending(rng, source, makers, ends)
        kinds = [
            *(makers[name] for name in ("white", "pink", "hum", "clicks", "car")),
            signals.ringing,
            signals.ringing,
        ]
        quiet = [
            signals.at_dbm0(kinds[i % 7](rng, 60 * 8000) + 1e-4 * rng.standard_normal(60 * 8000), -55 + i // 7 * 30 / 7)
            for i in range(noises)
        ]
        return cls(cells, ended, quiet)


Maker = Callable[[Random, int], NDArray[np.float64]]


def ending(rng: Random, source: Iterator[signals.Talker], makers: dict[str, Maker], count: int) -> list[Case]:
    """Clips that end in 5 s of silence, clean to 5 dB."""
    ways = [(None, 0)] + [(makers[name], snr) for name in NOISES for snr in (20, 15, 10, 5)]
    return [
        mixed(rng, signals.clip(rng, next(source), rng.uniform(0.5, 2), rng.uniform(1, 5), 5), *ways[i % len(ways)])
        for i in range(count)
    ]


def makers_of(folder: Path | None) -> dict[str, Maker]:
    plain = {
        "white": signals.white,
        "pink": signals.pink,
        "hum": signals.hum,
        "clicks": signals.clicks,
        "car": signals.car,
    }
    return plain | {"babble": signals.babble(folder), "music": signals.music(folder)}


def mixed(rng: Random, clip: Clip, noise: Maker | None, snr_db: float) -> Case:
    """At a level between -32 and -14 dBFS, with the noise of a quiet line."""
    level = rng.uniform(-32, -14)
    wave = clip.wave if noise is None else clip.wave + noise(rng, len(clip.wave)) * 10 ** (-snr_db / 20)
    return Case(
        signals.saturated(wave + 10 ** (-(75 + level) / 20) * rng.standard_normal(len(wave)), level), clip.truth
    )


def auc(values: NDArray[np.floating], truth: Truth) -> float:
    """The chance that a block of speech is given more than one without; ties count half."""
    levels, at = np.unique(values, return_inverse=True)
    ones = np.bincount(at[truth], minlength=len(levels))
    zeros = np.bincount(at[~truth], minlength=len(levels))
    below = np.cumsum(zeros) - zeros
    return float(np.sum(ones * (below + zeros / 2)) / (truth.sum() * (~truth).sum()))


def f1(flags: Truth, truth: Truth) -> float:
    return float(2 * np.sum(flags & truth) / max(1, np.sum(flags) + np.sum(truth)))


def ended_well(told: Told, truth: Truth) -> tuple[bool, bool]:
    """Whether 2 s of end silence were declared within 0.5 s of the truth, and whether they were early."""
    due = np.flatnonzero(truth)[-1] + 1 + END_S * 100
    if told.ended is None:
        return False, False
    return abs(told.ended - due) <= NEAR_BLOCKS, told.ended < due - NEAR_BLOCKS


def begun(told: list[Told], cases: list[Case]) -> list[tuple[int, Case]]:
    """The block with which speech was first known, of the clips in which it was."""
    return [(one.began, case) for one, case in zip(told, cases, strict=True) if one.began is not None]


def scored(hear: Hear, gate: Gate, material: Material) -> Score:
    by_cell = {}
    for name, cases in material.cells.items():
        values = [hear(case.pcm) for case in cases]
        truth = np.concatenate([case.truth for case in cases])
        flags = np.concatenate([gate(value).flags for value in values])
        by_cell[name] = auc(np.concatenate(values), truth), f1(flags, truth)
    told = [gate(hear(case.pcm)) for case in material.ends]
    ends = [ended_well(one, case.truth) for one, case in zip(told, material.ends, strict=True)]
    delays = [began - int(np.flatnonzero(case.truth)[0]) for began, case in begun(told, material.ends)]
    onsets = [delay for delay in delays if delay >= 0]  # what began before was false
    started = [gate(hear(pcm)).began is not None for pcm in material.noises]
    means = np.mean(list(by_cell.values()), axis=0)
    return Score(
        auc=float(means[0]),
        f1=float(means[1]),
        ends=int(sum(well for well, _ in ends)),
        early=int(sum(early for _, early in ends)),
        of=len(ends),
        false_starts=sum(started),
        noise_clips=len(started),
        onset_ms=float(np.median(onsets)) * 10 if onsets else float("nan"),
        by_cell=by_cell,
    )


def ours(pcm: Pcm) -> Probabilities:
    return VoiceDetector(8000).process(pcm)


def gated(sensitivity: float = 44.0) -> Gate:
    """The recorder's own gate; a change counts from the block with which it is told."""

    def told(values: Probabilities) -> Told:
        gate, flags = VoiceGate(sensitivity), np.zeros(len(values), bool)
        began = ended = None
        off = 0
        for block in range(len(values)):
            for speaking, frame in gate.feed(values[block : block + 1]):
                flags[frame // BLOCK :] = speaking
                off = frame // BLOCK
                began = block if began is None else began
            if began is not None and ended is None and not gate.speaking and block + 1 - off >= END_S * 100:
                ended = block + 1
        return Told(flags, began, ended)

    return told


def thresholded(values: Probabilities) -> Told:
    """For detectors that are used bare: a block is speech from a half on."""
    flags = values >= 0.5
    spoken = np.flatnonzero(flags)
    if len(spoken) == 0:
        return Told(flags, None, None)
    last = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), -1))
    silent = np.flatnonzero((np.arange(len(flags)) - last >= END_S * 100) & (last >= 0))
    return Told(flags, int(spoken[0]), int(silent[0]) + 1 if len(silent) else None)
