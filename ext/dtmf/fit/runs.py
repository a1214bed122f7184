"""What the detector weighs in some audio: one record for each run of tones that passes its hard limits (trace.c)."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.dtmf_signals import Pcm

Runs = NDArray[np.void]
RECORD = np.dtype(
    [
        *((name, np.float32) for name in ("step", "digit", "coherence", "samples", "twist")),
        *((name, np.float32, 2) for name in ("deviation", "steadiness")),
        *((name, np.float32) for name in ("below", "likeness", "before", "swell")),
    ]
)


class Told(NamedTuple):
    """The runs that may tell each of some digits, or moments of speech; one behind the other's."""

    runs: Runs
    counts: NDArray[np.int64]  # of each digit or moment
    names: NDArray[np.str_]  # the set or the voices that it is of

    @staticmethod
    def joined(parts: "list[Told]") -> "Told":
        return Told(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    @staticmethod
    def of(name: str, each: list[Runs]) -> "Told":
        counts = np.array([len(runs) for runs in each], np.int64)
        return Told(np.concatenate([np.zeros(0, RECORD), *each]), counts, np.full(len(each), name))


def runs(cache: Path, pcm: Pcm) -> Runs:
    told = subprocess.run([cache / "trace"], input=pcm.tobytes(), capture_output=True, check=True).stdout
    return np.frombuffer(told, RECORD)


def save(path: Path, told: Told, hours: float = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, hours=hours, **told._asdict())


def load(path: Path) -> tuple[Told, float]:
    kept = np.load(path)
    return Told(kept["runs"], kept["counts"], kept["names"]), float(kept["hours"])
