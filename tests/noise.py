"""Known noise: every stretch of it is found in one place only, so a recording shows where each frame came from."""

import random

SAMPLE_BYTES = 2
KEY_FRAMES = 32  # so long a piece of noise stands in one place of its source


def noise(frames: int, channels: int = 1, seed: int = 1) -> bytes:
    """White s16le at full scale without a zero sample, which is thus left to silence; the same for the same seed."""
    samples = frames * channels
    white = random.Random(seed).randbytes(samples * SAMPLE_BYTES)
    odd = int.from_bytes(white, "little") | int.from_bytes(b"\1\0" * samples, "little")
    return odd.to_bytes(samples * SAMPLE_BYTES, "little")


def silence(frames: int, channels: int = 1) -> bytes:
    return bytes(frames * channels * SAMPLE_BYTES)


def frames_in(pcm: bytes, channels: int = 1) -> int:
    return len(pcm) // (channels * SAMPLE_BYTES)


def is_part_of(pcm: bytes, source: bytes) -> bool:
    """Whether it is one stretch of the source, and long enough to stand in one place of it only."""
    return frames_in(pcm) >= KEY_FRAMES and pcm in source
