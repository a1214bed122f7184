"""Instructions for each sample of one channel at 8000 Hz, by callgrind: ours by parts, libspandsp's and WebRTC's."""

import ctypes.util
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.dtmf_line_rows import sped
from bench.dtmf_signals import DIGITS, RATE, Pcm, Tone, dialled, rms_of, saturated, white

CORE = Path(__file__).parent.parent / "ext"
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", f"-I{CORE}/include"]
UNITS = ("ear", "decimate", "dtmf*", "vad*", "spectrum", "level")
PARTS = {
    "DTMF": ("rec_dtmf_process",),
    "voice": ("rec_vad_process",),
    "decimation": ("rec_decimate_process",),
    "level": ("rec_level_process", "rec_level_rms"),
}
WEBRTC = """
import sys, _webrtcvad as vad
detector, audio = vad.create(), open(sys.argv[1], "rb").read()
vad.init(detector)
vad.set_mode(detector, 3)
for at in range(0, len(audio) - 159, 160):
    vad.process(detector, 8000, audio[at : at + 160], 80)
"""
ACTIVE = 0.78  # share of a call in which somebody speaks


def material(speech: Pcm | None) -> dict[str, tuple[Pcm, int]]:
    """Audio and its rate, by name."""
    rng = np.random.default_rng(1)
    signal, _ = dialled(DIGITS * 5, Tone(), 50)
    made = {
        "silence": (np.zeros(20 * RATE, np.int16), RATE),
        "silence of dither": (rng.integers(-1, 2, 20 * RATE).astype(np.int16), RATE),
        "noise at -30 dBFS": (saturated(white(rng, 20 * RATE, 1000)), RATE),
        "digits": (saturated(signal), RATE),
        "a held digit": (saturated(Tone(ms=10000).samples("5")), RATE),
        "two tones that are none": (saturated(Tone(ms=10000, low_off=0.022).samples("5")), RATE),
    }
    if speech is None:
        return made
    call = of_activity(speech[-120 * RATE :], ACTIVE)
    return made | {
        "a call, 78 % active": (call, RATE),
        "a call by other voices": (of_activity(speech[: 120 * RATE], ACTIVE), RATE),
        "the same from 48000 Hz": (sped(call[: 20 * RATE], 1 / 6), 48000),
        "the same from 44100 Hz": (sped(call[: 20 * RATE], 80 / 441), 44100),
        "the same from 16000 Hz": (sped(call[: 20 * RATE], 1 / 2), 16000),
    }


def of_activity(speech: Pcm, share: float) -> Pcm:
    """The active blocks of 100 ms, and as many silent ones between them as that share allows."""
    blocks = speech[: len(speech) // 800 * 800].reshape(-1, 800)
    loud = np.sqrt(np.mean(blocks.astype(float) ** 2, axis=1)) > 0.1 * rms_of(speech.astype(float))
    active = blocks[loud]
    silent = round(len(active) * (1 - share) / share)
    at = np.linspace(0, len(active), silent // 10 + 1)[1:].astype(int)
    return np.insert(active, np.repeat(at, 10), np.zeros(800, np.int16), axis=0).ravel()


def collected(words: list[str], folder: str) -> dict[str, int]:
    """Instructions of each function with all that it calls, and of the program as a whole."""
    out = f"{folder}/out"
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    subprocess.run([*tool, *words], capture_output=True, check=True)
    listing = ["callgrind_annotate", "--inclusive=yes", "--threshold=100", out]
    said = subprocess.run(listing, capture_output=True, check=True).stdout.decode()
    lines = re.findall(r"^ *([\d,]+) \([ \d.]+%\) +(?:\S*:)?(\w+(?: TOTALS)?)", said, re.MULTILINE)
    return {name: int(count.replace(",", "")) for count, name in reversed(lines)}


def per_sample(speech: Pcm | None) -> dict[str, dict[str, float]]:
    """By material, then by part. Empty without gcc and valgrind."""
    if None in (shutil.which("gcc"), shutil.which("valgrind")):
        return {}
    here, spandsp = Path(__file__).parent, ctypes.util.find_library("spandsp")
    with TemporaryDirectory() as folder:
        sources = [str(path) for unit in UNITS for path in sorted(CORE.glob(f"src/{unit}.c"))]
        subprocess.run(["gcc", *FLAGS, f"{here}/ear_cost.c", *sources, "-o", f"{folder}/ear"], check=True)
        if spandsp is not None:
            subprocess.run(
                ["gcc", "-O3", f"{here}/spandsp_cost.c", f"-l:{spandsp}", "-o", f"{folder}/spandsp"], check=True
            )
        Path(f"{folder}/none").touch()
        idle = collected([f"{folder}/ear", f"{folder}/none", str(RATE)], folder)["PROGRAM TOTALS"]
        counts = {}
        for name, (pcm, rate) in material(speech).items():
            pcm.tofile(f"{folder}/audio")
            count = collected([f"{folder}/ear", f"{folder}/audio", str(rate)], folder)
            samples = len(pcm) * RATE / rate
            parts = {part: sum(count.get(one, 0) for one in names) / samples for part, names in PARTS.items()}
            whole = (count["PROGRAM TOTALS"] - idle) / samples
            counts[name] = {"in all": whole, **parts, "the rest": whole - sum(parts.values())}
            if spandsp is not None and rate == RATE:
                theirs = collected([f"{folder}/spandsp", f"{folder}/audio"], folder)
                counts[name]["spandsp's DTMF"] = theirs.get("dtmf_rx", 0) / samples
            if rate == RATE and importlib.util.find_spec("_webrtcvad") is not None:
                theirs = collected([sys.executable, "-c", WEBRTC, f"{folder}/audio"], folder)
                counts[name]["WebRTC's VAD"] = theirs.get("WebRtcVad_Process", 0) / samples
        return {name: {part: round(count, 1) for part, count in parts.items()} for name, parts in counts.items()}
