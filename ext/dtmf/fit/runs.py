"""What the detector weighs in some audio: one record for each run of tones that passes its hard limits (trace.c)."""

import subprocess
from pathlib import Path

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


def runs(cache: Path, pcm: Pcm) -> Runs:
    told = subprocess.run([cache / "trace"], input=pcm.tobytes(), capture_output=True, check=True).stdout
    return np.frombuffer(told, RECORD)
