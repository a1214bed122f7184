"""Instructions for each sample of one channel at 8000 Hz: decimation, DTMF, VAD and level meter, by callgrind."""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.dtmf_signals import DIGITS, RATE, Pcm, Tone, dialled, saturated, white

CORE = Path(__file__).parent.parent / "ext"
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", f"-I{CORE}/include"]
UNITS = ("ear", "decimate", "dtmf", "dtmf_pair", "dtmf_run", "vad", "vad_features", "vad_net", "spectrum", "level")


def material(speech: Pcm | None) -> dict[str, Pcm]:
    rng = np.random.default_rng(1)
    signal, _ = dialled(DIGITS * 5, Tone(), 50)
    made = {
        "silence": np.zeros(20 * RATE, np.int16),
        "noise at -30 dBFS": saturated(white(rng, 20 * RATE, 1000)),
        "digits": saturated(signal),
        "a held digit": saturated(Tone(ms=10000).samples("5")),
        "two tones that are none": saturated(Tone(ms=10000, low_off=0.022).samples("5")),
    }
    return made if speech is None else made | {"speech": speech[: 60 * RATE]}


def per_sample(speech: Pcm | None) -> dict[str, int]:
    """Empty without gcc and valgrind."""
    if shutil.which("gcc") is None or shutil.which("valgrind") is None:
        return {}
    counts = {}
    with TemporaryDirectory() as folder:
        program, audio = f"{folder}/ear_cost", f"{folder}/audio"
        sources = [f"{CORE}/src/{unit}.c" for unit in UNITS]
        subprocess.run(["gcc", *FLAGS, str(Path(__file__).parent / "ear_cost.c"), *sources, "-o", program], check=True)
        for name, pcm in material(speech).items():
            pcm.tofile(audio)
            words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program, audio, str(RATE)]
            said = subprocess.run(words, capture_output=True, check=True).stderr.decode()
            (collected,) = re.findall(r"Collected : (\d+)", said)
            counts[name] = int(collected) // len(pcm)
    return counts
