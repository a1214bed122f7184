"""The voice table, ours beside the field's, and what the sensitivities mean: `python -m bench.voice [--voices FOLDER]`.

FOLDER is what `make -C ext/vad/train clips` leaves in CACHE/clips/test: real talkers, music and sounds that the
detector has not learnt from. Without it espeak-ng speaks and made melodies play. `--json FILE` keeps the figures.
`--ends COUNT` tells of so many clips instead how many of our ends are told well, and how many early.
"""

import argparse
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench import voice_peers, voice_rows, voice_signals
from recorder.dsp import VoiceGate

SENSITIVITIES = (0, 20, 44, 70, 100)
SNRS_DB = (25, 20, 15, 10, 5, 0, -5)


def rates(cases: list[voice_rows.Case], sensitivity: float) -> tuple[float, float]:
    """Shares of the blocks of speech that are missed, and of those without that are taken for it."""
    gate = voice_rows.gated(sensitivity)
    flags = np.concatenate([gate(voice_rows.ours(case.pcm)).flags for case in cases])
    truth = np.concatenate([case.truth for case in cases])
    return float(np.mean(~flags[truth])), float(np.mean(flags[~truth]))


def reach_db(folder: Path | None, sensitivity: float) -> float:
    """How far the noise may come up to speech until half of it is missed: dB of speech above white noise."""
    rng = np.random.default_rng(3)
    voices = voice_signals.talkers(folder)
    clips = [voice_signals.clip(rng, voices[i % len(voices)], 2, 8, 2) for i in range(6)]
    misses = []
    for snr in SNRS_DB:
        cases = [voice_rows.mixed(np.random.default_rng(4), clip, voice_signals.white, snr) for clip in clips]
        misses.append(rates(cases, sensitivity)[0])
    return float(np.interp(0.5, misses, SNRS_DB))


def sensitivity_table(folder: Path | None, material: voice_rows.Material) -> dict[int, dict[str, float]]:
    table = {}
    groups = {"clean": ["clean"], "10 dB": [f"{n} 10 dB" for n in voice_rows.NOISES]}
    for sensitivity in SENSITIVITIES:
        row = {}
        for name, cells in groups.items():
            missed, false = rates([case for cell in cells for case in material.cells[cell]], sensitivity)
            row |= {f"missed, {name}": missed, f"false, {name}": false}
        starts = sum(bool(VoiceGate(sensitivity).feed(voice_rows.ours(pcm))) for pcm in material.noises)
        table[sensitivity] = row | {"false starts": starts, "half missed at dB": reach_db(folder, sensitivity)}
    return table


def print_ends(folder: Path | None, count: int) -> None:
    source = itertools.cycle(voice_signals.talkers(folder))
    cases = voice_rows.ending(np.random.default_rng(78), source, voice_rows.makers_of(folder), count)
    gate = voice_rows.gated()
    ends = [voice_rows.ended_well(gate(voice_rows.ours(case.pcm)), case.truth) for case in cases]
    print(f"ends {sum(well for well, _ in ends)} of {count}, early {sum(early for _, early in ends)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--ends", type=int, metavar="COUNT")
    words = parser.parse_args()
    if words.ends is not None:
        print_ends(words.voices, words.ends)
        return
    material = voice_rows.Material.made(words.voices)
    scores = {}
    for name, (hear, gate) in voice_peers.installed().items():
        score = scores[name] = voice_rows.scored(hear, gate, material)
        print(
            f"{name:22}AUC {score.auc:.3f}  F1 {score.f1:.3f}  ends {score.ends} of {score.of}, early {score.early}  "
            f"false starts {score.false_starts} of {score.noise_clips}  onset {score.onset_ms:.0f} ms",
            flush=True,
        )
    for cell, (auc, f1) in scores["ours"].by_cell.items():
        print(f"  {cell:20}AUC {auc:.3f}  F1 {f1:.3f}")
    table = sensitivity_table(words.voices, material)
    for sensitivity, row in table.items():
        print(f"sensitivity {sensitivity:3}: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items()))
    if words.json:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        kept = {name: score.as_dict() for name, score in scores.items()}
        words.json.write_text(json.dumps({"date": when, "voice": kept, "sensitivity": table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
