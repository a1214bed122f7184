"""Known noise: every stretch of it is found in one place only, so a recording shows where each frame came from."""

import random

SAMPLE_BYTES = 2


def noise(frames: int, channels: int = 1, seed: int = 1) -> bytes:
    """White s16le at full scale, the same for the same seed."""
    return random.Random(seed).randbytes(frames * channels * SAMPLE_BYTES)


def silence(frames: int, channels: int = 1) -> bytes:
    return bytes(frames * channels * SAMPLE_BYTES)


def frames_in(pcm: bytes, channels: int = 1) -> int:
    return len(pcm) // (channels * SAMPLE_BYTES)
