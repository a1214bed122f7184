"""`fit.py CACHE`: writes ext/src/dtmf_weights.h, and prints what these weights miss of the digits and take of speech.

Logistic regression, over and over: each digit and each moment of speech stands for itself by the run that looked most
like a digit to the weights before, for one such run is enough to tell it.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from runs import Runs, Told, load
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tables import write  # because it stands two folders up

FAIR, CLEAN, DIAL_TONE = 0.95, 0.97, 8  # so coherent, it may have that times as much, or anything, below
ROUNDS = 30  # at most
# 5 dB above speech and the 40 ms that codecs eat are not asked for; all limits at once are, and have little to spare.
SET_WEIGHT = {"speech 5": 0.1, "twisted, speech 5": 0.1, "GSM-FR 40": 0.2, "Speex 40": 0.2, "AAC 16k 40": 0.2}
SET_WEIGHT |= {"limits, twist -8": 5.0}
TIE = 1e-6  # to 0, of all weights but the bias
FALSE_IN_HOURS = 10  # one moment of the speech fitted on may be taken for a digit in so many
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


class Weighed(NamedTuple):
    x: Matrix  # features of all runs
    owner: NDArray[np.int64]  # the digit or moment that each is of, of those that have any
    first: NDArray[np.int64]  # its first run
    names: NDArray[np.str_]  # the set that it is of


def weighed(told: Told) -> Weighed:
    some = told.counts > 0
    counts = told.counts[some]
    return Weighed(
        features(told.runs), np.repeat(np.arange(len(counts)), counts), np.cumsum(counts) - counts, told.names[some]
    )


def likeliest(of: Weighed, w: Matrix) -> Matrix:
    """Features of the run of each that looks most like a digit."""
    return of.x[np.lexsort((-(of.x @ w), of.owner))[of.first]]


def fitted(digits: Matrix, weight: Matrix, voice: Matrix, start: Matrix) -> Matrix:
    """Weights by which digits come out above 0 and speech below, either being half of all."""
    x, y = np.concatenate([digits, voice]), np.r_[np.ones(len(digits)), np.zeros(len(voice))]
    each = np.r_[weight / weight.sum(), np.full(len(voice), 1 / len(voice))]

    def loss(w: Matrix) -> tuple[float, Matrix]:
        z = np.clip(x @ w, -40, 40)
        tied = np.r_[0, w[1:]]
        slope = x.T @ (each * (1 / (1 + np.exp(-z)) - y)) + 2 * TIE * tied
        return float(np.sum(each * (np.logaddexp(0, z) - y * z)) + TIE * np.sum(tied**2)), slope

    bounds = [(None, 0.0 if name in AGAINST else None) for name in NAMES]
    options = {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-9}
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def weights(digits: Weighed, speech: Weighed) -> Matrix:
    """Fitted until they change no more."""
    weight = np.array([SET_WEIGHT.get(name, 1.0) for name in digits.names])
    w = fitted(digits.x, weight[digits.owner], speech.x, np.zeros(len(NAMES)))
    for _ in range(ROUNDS):
        before, w = w, fitted(likeliest(digits, w), weight, likeliest(speech, w), w)
        if np.abs(w - before).max() < 1e-3:
            break
    return w


def rounded(w: Matrix, speech: Weighed, hours: float) -> Matrix:
    """As they are written: the bias by FALSE_IN_HOURS."""
    w = np.round(w, 2)
    likely = np.sort(likeliest(speech, w) @ w)[::-1]
    w[0] = np.floor(100 * (w[0] - likely[int(hours / FALSE_IN_HOURS)])) / 100
    return w


def header(w: Matrix) -> str:
    bias, below, unlike, before, low_unsteady, high_unsteady, length, less, more, low_off, high_off, swell = (
        f"{value:.2f}" for value in w
    )
    return f"""static const float BIAS = {bias}f;
static const float BELOW = {below}f;
static const float UNLIKE = {unlike}f;
static const float BEFORE = {before}f;
static const float UNSTEADY[2] = {{{low_unsteady}f, {high_unsteady}f}};
static const float SWELL = {swell}f;
static const float LENGTH = {length}f / 400.0f;
static const float TWIST[2] = {{{less}f, {more}f}};
static const float DEVIATION[2] = {{{low_off}e4f, {high_off}e4f}};
"""


def told(of: Weighed, w: Matrix) -> Counter[str]:
    """How many of each set are told."""
    return Counter(of.names[likeliest(of, w) @ w > 0].tolist())


def main() -> None:
    cache = Path(sys.argv[1])
    digits, _ = load(cache / "digits.npz")
    heard, hours = zip(*(load(path) for path in sorted((cache / "speech/voices").glob("*.npz"))), strict=True)
    unheard, unheard_hours = load(cache / "speech/unheard/unheard.npz")
    right, wrong = weighed(digits), weighed(Told.joined(list(heard)))
    w = rounded(weights(right, wrong), wrong, sum(hours))
    write("dtmf_weights.h", header(w), "ext/dtmf/fit/fit.py")
    print(header(w))
    print(f"missed of {len(digits.names)} digits:", dict(Counter(digits.names.tolist()) - told(right, w)))
    print(f"told in {sum(hours):.1f} h of speech fitted on:", dict(told(wrong, w)))
    print(f"told in {unheard_hours:.1f} h of voices not fitted on:", told(weighed(unheard), w).total())


if __name__ == "__main__":
    main()
