"""The features as the C core computes them, so that the network learns from what it will hear."""

import ctypes
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
CORE = HERE.parent.parent
HOP, FEATURES = 240, 48
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", "-shared", "-fPIC", f"-I{CORE}/include", f"-I{CORE}/src"]


def library() -> ctypes.CDLL:
    with TemporaryDirectory() as folder:
        built = f"{folder}/features.so"
        sources = [str(HERE / "features.c"), f"{CORE}/src/vad_features.c", f"{CORE}/src/spectrum.c"]
        subprocess.run(["gcc", *FLAGS, *sources, "-o", built], check=True)
        return ctypes.CDLL(built)


def of_streams(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """(streams, samples) to (streams, hops, FEATURES)."""
    core = library()
    hops = pcm.shape[1] // HOP
    out = np.empty((len(pcm), hops, FEATURES), np.float32)
    for row, into in zip(np.ascontiguousarray(pcm), out, strict=True):
        core.features_of_stream(
            row.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(hops), into.ctypes.data_as(ctypes.c_void_p)
        )
    return out
