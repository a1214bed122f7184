"""`fit.py CACHE`: the weights of ext/src/dtmf_run.c, and what each bias would miss and wrongly take.

Logistic regression, then eight rounds in which each digit, and each moment of speech, stands for itself by the run that
looks most like a digit: one such run is enough to tell it. Of the moments only the nearest count in these.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
from digits import sets
from numpy.typing import NDArray
from runs import RECORD, Runs, runs
from scipy.optimize import minimize

SPEEDS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25)
MANY_SPEEDS = (0.7, 0.78, 0.86, 0.93, 1.0, 1.07, 1.15, 1.25, 1.4)
MOST_VARIED = {"games", "variants", "bench"}  # these are heard at many
PIECE = 10 * 60 * 8000  # samples of speech heard at once
APART = 40  # steps between two moments of speech
FAIR, CLEAN, DIAL_TONE = 0.95, 0.97, 8  # so coherent, it may have that times as much, or anything, below
ROUNDS = 8
NEAREST = 400  # moments of speech that count in these rounds: those that look most like a digit
# They weigh less: not asked for.
HARD_SETS = {"speech 5": 0.1, "twisted, speech 5": 0.1, "GSM-FR 40": 0.2, "Speex 40": 0.2, "AAC 16k 40": 0.2}
SPEECH_WEIGHT = 4.0  # of all of it, to all digits
NAMES = (
    "BIAS BELOW UNLIKE BEFORE UNSTEADY[0] UNSTEADY[1] LENGTH*400 TWIST[0] TWIST[1] DEVIATION[0] DEVIATION[1] SWELL"
).split()
AGAINST = {*NAMES[1:6], *NAMES[9:]}  # never above 0

Matrix = NDArray[np.float64]


def features(told: Runs) -> Matrix:
    """Columns as in rec_dtmf_run_is_digit."""
    coherence, twist, deviation = told["coherence"], told["twist"], told["deviation"].astype(float)
    unsteady = np.maximum(1 - told["steadiness"].astype(float), 2**-6)
    allowed = np.select([coherence >= CLEAN, coherence >= FAIR], [np.inf, DIAL_TONE], 1)
    unlike = np.clip(1 - told["likeness"].astype(float), 2**-6, 1)
    return np.column_stack([
        np.ones(len(told)), np.log2(np.maximum(told["below"] / allowed, 1)), np.log2(unlike),
        np.log2(np.clip(told["before"].astype(float), 2**-8, 1)), np.log2(unsteady),
        np.minimum(told["samples"], 400) / 400, np.minimum(twist, 0), np.maximum(twist, 0), deviation**2 * 1e4,
        told["swell"],
    ])  # fmt: skip


def speech(cache: Path) -> tuple[Runs, NDArray[np.int64], float]:
    """Runs in all voices at all speeds, the moment that each belongs to, and the hours heard."""
    found, moments, hours, last = [np.zeros(0, RECORD)], [np.zeros(0, np.int64)], 0.0, 0
    for path in sorted((cache / "voices").glob("*.s16")):
        pcm = np.fromfile(path, np.int16)
        for speed, at in itertools.product(
            MANY_SPEEDS if path.stem in MOST_VARIED else SPEEDS, range(0, len(pcm), PIECE)
        ):
            piece = pcm[at : at + PIECE]
            n = np.arange(0, len(piece) - 1, speed)
            told = runs(cache, np.interp(n, np.arange(len(piece)), piece).astype(np.int16))
            moment = last + 1 + np.cumsum(np.r_[0, np.diff(told["step"]) > APART])[: len(told)]
            found, moments, hours = [*found, told], [*moments, moment], hours + len(n) / 8000 / 3600
            last = int(moment[-1]) if len(moment) else last
    return np.concatenate(found), np.concatenate(moments), hours


def fitted(digits: Matrix, weight: Matrix, voice: Matrix, share: float, start: Matrix) -> Matrix:
    """Weights by which digits come out above 0 and speech below."""
    x, y = np.concatenate([digits, voice]), np.r_[np.ones(len(digits)), np.zeros(len(voice))]
    each = 1e3 * np.r_[weight / weight.sum(), np.full(len(voice), share / max(1, len(voice)))]

    def loss(w: Matrix) -> tuple[float, Matrix]:
        z = np.clip(x @ w, -40, 40)
        tied = np.r_[0, w[1:]]
        slope = x.T @ (each * (1 / (1 + np.exp(-z)) - y)) + 0.02 * tied
        return float(np.sum(each * (np.logaddexp(0, z) - y * z)) + 0.01 * np.sum(tied**2)), slope

    bounds = [(None, 0.0 if name in AGAINST else None) for name in NAMES]
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x


def best(told: Runs, w: Matrix) -> int:
    return int(np.argmax(features(told) @ w))


def main() -> None:
    cache = Path(sys.argv[1])
    digits, (voice, moment, hours) = sets(cache), speech(cache)
    runs_of = [(HARD_SETS.get(name, 1.0), told) for name, many in digits.items() for told in many if len(told)]
    every = features(np.concatenate([told for _, told in runs_of]))
    x_voice = features(voice)
    w = fitted(every, np.ones(len(every)), x_voice, 1.0, np.zeros(len(NAMES)))
    for _ in range(ROUNDS):
        chosen = features(np.array([told[best(told, w)] for _, told in runs_of]))
        order = np.lexsort((-(x_voice @ w), moment))
        first = order[np.unique(moment[order], return_index=True)[1]]
        first = first[np.argsort(-(x_voice[first] @ w))[:NEAREST]]
        w = fitted(chosen, np.array([weight for weight, _ in runs_of]), x_voice[first], SPEECH_WEIGHT, w)
    print(f"{hours:.1f} hours of speech, {len(np.unique(moment))} moments; {sum(map(len, digits.values()))} digits")
    print(", ".join(f"{name} {value:.2f}" for name, value in zip(NAMES, w, strict=True)))
    nearest = np.sort(np.maximum.reduceat(x_voice @ w, np.unique(moment, return_index=True)[1]))[::-1]
    for false, bar in enumerate(nearest[:6]):
        missed = {n: int(sum(not len(t) or np.max(features(t) @ w) <= bar for t in many)) for n, many in digits.items()}
        print(f"BIAS {w[0] - bar:.2f}: {false} false, missed", {n: m for n, m in missed.items() if m})


if __name__ == "__main__":
    main()
