"""Mains hum: from which level on it is told, under noise and under speech; false alarms; instructions a sample.

python -m bench.hum [MINUTES]
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.cost import FLAGS, collected
from recorder._capture import RingWriter
from recorder._dsp import Follower, RingReader
from recorder.line.reception import Reception
from tests.speech import speech
from tests.tones import babble

RATE = 8000
PIECE = 5 * RATE
ROOT = Path(__file__).parents[1]
LEVELS_DBFS = (-30, -40, -45, -48, -52, -60)
SECONDS = 30


def troubles(sound: np.ndarray) -> Iterator[list[str]]:
    """What is wrong after each 5 s of a line that carries `sound`."""
    with TemporaryDirectory() as folder:
        writer = RingWriter(f"{folder}/front.ring", "front", RATE, 1, 30 * RATE)
        ring, follower, reception = RingReader(f"{folder}/front.ring"), Follower(), Reception()
        follower.add(0, ring, 0)
        thread = threading.Thread(target=follower.run)
        thread.start()
        for at in range(0, len(sound), PIECE):
            writer.write(sound[at : at + PIECE].round().clip(-32768, 32767).astype("<i2").tobytes())
            head = 0
            while head < writer.head:
                for heard in follower.drain():
                    if heard[0] == "audio":
                        head = heard[2]
                        reception.hear(heard[4], heard[5], is_recorded=True)
                    elif heard[0] == "hum":
                        reception.hear_hum(heard[2] * 5 // RATE - 1, heard[3])
            yield [f"{each.kind} {each.hz}" for each in reception.troubles]
        follower.stop()
        thread.join()


def hum(seconds: float, hz: float, rms_dbfs: float) -> np.ndarray:
    """A fundamental and two harmonics, 6 and 10 dB below it."""
    at = np.arange(round(seconds * RATE)) / RATE
    parts = ((1, 0.0), (2, -6.0), (3, -10.0))
    wave = sum((10 ** (db / 20) * np.sin(2 * np.pi * hz * k * at + k) for k, db in parts), np.zeros(len(at)))
    return wave / np.sqrt(np.mean(wave**2)) * 32768 * 10 ** (rms_dbfs / 20)


def noise(seconds: float, rms_dbfs: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (rms_dbfs / 20), round(seconds * RATE))


def talk(seconds: float) -> np.ndarray:
    return speech(RATE, seconds)[:, 0].astype(float)


def music(seconds: float) -> np.ndarray:
    """A bass line of quarter notes, harmonics and all, on the pitches nearest to 50, 60, 100 and 120 Hz too."""
    chance, parts, length = np.random.default_rng(5), [], round(0.5 * RATE)
    for _ in range(round(seconds / 0.5)):
        hz, at = 55 * 2 ** (chance.integers(-3, 17) / 12), np.arange(length) / RATE
        parts.append(sum((np.sin(2 * np.pi * hz * k * at) / k for k in range(1, 6)), np.zeros(length)))
    return 6000 * np.concatenate(parts)


def instructions() -> Iterator[tuple[int, float]]:
    """By rate, for a sample of 8 kHz."""
    core = ROOT / "ext/src/hum.c"
    with TemporaryDirectory() as folder:
        subprocess.run(["gcc", *FLAGS, str(ROOT / "bench/hum_cost.c"), str(core), "-o", f"{folder}/hum"], check=True)
        Path(f"{folder}/none").touch()
        idle = collected([f"{folder}/hum", f"{folder}/none", "8000"], folder)["PROGRAM TOTALS"]
        for rate in (8000, 48000):
            np.random.default_rng(1).normal(0, 3000, 10 * rate).astype("<i2").tofile(f"{folder}/audio")
            count = collected([f"{folder}/hum", f"{folder}/audio", str(rate)], folder)["PROGRAM TOTALS"]
            yield rate, (count - idle) / (10 * RATE)


def main() -> None:
    """Print all three."""
    seconds = 60 * float(sys.argv[1] if len(sys.argv) > 1 else 10)
    print("told within 30 s of 50.1 and 59.95 Hz, by level (dBFS RMS):")
    for name, under in (("noise at -60 dBFS", noise(SECONDS, -60)), ("speech", talk(SECONDS) + noise(SECONDS, -60))):
        told = {
            level: [[*troubles(under + hum(SECONDS, hz, level))][-1] for hz in (50.1, 59.95)] for level in LEVELS_DBFS
        }
        print(f"  {name}: " + ", ".join(f"{level}: {sum(map(bool, found))} of 2" for level, found in told.items()))
    print(f"false alarms in {seconds / 60:g} minutes each:")
    said = np.frombuffer(babble(60), "<i2").astype(float)
    for name, sound in (
        ("speech", talk(seconds) + noise(seconds, -60)),
        (
            "synthetic voice",
            np.tile(said, round(seconds / 60) or 1) + noise(len(said) / RATE * (round(seconds / 60) or 1), -60),
        ),
        ("bass line", music(seconds) + noise(seconds, -60)),
        ("noise", noise(seconds, -30)),
    ):
        print(f"  {name}: {sum(any('humming' in one for one in found) for found in troubles(sound))} of its 5 s")
    for rate, count in instructions():
        print(f"instructions for each 125 us at {rate} Hz: {count:.1f}")


if __name__ == "__main__":
    main()
