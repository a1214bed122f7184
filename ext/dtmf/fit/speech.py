"""`speech.py CACHE VOICES`: what may be taken for a digit in CACHE/VOICES.s16, by moments: CACHE/speech/VOICES.npz.

Each two minutes are heard at a quarter of all speeds, the next two at another.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from runs import Runs, Told, runs, save
from scipy.signal import firwin, resample_poly

from bench.dtmf_signals import RATE, Pcm, saturated

TWENTIETHS = range(14, 29)  # speeds, from 0.7 to 1.4
QUARTERS = 4
PIECE = 2 * 60 * RATE  # heard at once
APART = 40  # steps, 100 ms, between two moments


def sped(pcm: Pcm) -> Iterator[Pcm]:
    """Its pieces, as tapes that run slower and faster."""
    for number, at in enumerate(range(0, len(pcm), PIECE)):
        piece = pcm[at : at + PIECE].astype(np.float32)
        for speed in TWENTIETHS[number % QUARTERS :: QUARTERS]:
            most = max(20, speed)
            taps = firwin(8 * most + 1, 1 / most, window=("kaiser", 5)).astype(np.float32)
            yield saturated(resample_poly(piece, 20, speed, window=taps))


def moments(told: Runs) -> list[Runs]:
    cuts = np.flatnonzero(np.diff(told["step"]) > APART) + 1
    return np.split(told, cuts) if len(told) else []


def main() -> None:
    cache, name = Path(sys.argv[1]), sys.argv[2]
    found, heard = [], 0
    for piece in sped(np.fromfile(cache / f"{name}.s16", np.int16)):
        found += moments(runs(cache, piece))
        heard += len(piece)
    hours = heard / RATE / 3600
    save(cache / f"speech/{name}.npz", Told.of(Path(name).name, found), hours)
    print(f"{name}: {hours:.1f} h at all speeds, {len(found)} moments")


if __name__ == "__main__":
    main()
