"""Human speech as a line hears it: the prompts of Debian's asterisk-core-sounds-en-wav, else espeak-ng's sentences."""

import array
import itertools
import random
from pathlib import Path

from demo.voices import RATE, SOUNDS, read, spoken

__all__ = ["RATE", "speech"]


def speech(seconds: float, seed: int = 1) -> bytes:
    """So much of it, s16le at 8 kHz: whole prompts in random order, with short pauses."""
    chance = random.Random(seed)
    paths = [path for path in sorted(SOUNDS.glob("en*/*.wav")) if path.stat().st_size > 16_000]
    chance.shuffle(paths)
    prompts = map(read_if_ours, itertools.cycle(paths)) if paths else itertools.cycle(list(spoken()))
    pcm = array.array("h")
    for prompt in prompts:
        pcm += prompt
        pcm += array.array("h", bytes(2 * round(RATE * chance.uniform(0.1, 0.6))))
        if len(pcm) >= seconds * RATE:
            break
    return pcm[: round(seconds * RATE)].tobytes()


def read_if_ours(path: Path) -> "array.array[int]":
    try:
        return read(path)
    except ValueError:  # another rate
        return array.array("h")
