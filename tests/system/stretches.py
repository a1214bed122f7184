"""Where a recording's audio came from: the stretches of a known source that stand in it, frame by frame."""

from dataclasses import dataclass
from itertools import pairwise

from tests.noise import KEY_FRAMES, SAMPLE_BYTES


@dataclass(frozen=True)
class Stretch:
    """Frames at .. at+frames-1 of the recording are source_at .. of the source."""

    at: int
    source_at: int
    frames: int

    @property
    def end(self) -> int:
        return self.at + self.frames

    @property
    def source_end(self) -> int:
        return self.source_at + self.frames


@dataclass(frozen=True)
class Missing:
    """Silence between two stretches, and how much of the source is not in the recording there."""

    at: int
    frames: int
    lost: int


def channels_of(pcm: bytes, channels: int, *wanted: int) -> bytes:
    """Those channels of interleaved s16le, interleaved."""
    samples = memoryview(pcm).cast("h")
    picked = memoryview(bytearray(len(pcm) // channels * len(wanted))).cast("h")
    for place, channel in enumerate(wanted):
        picked[place :: len(wanted)] = samples[channel::channels]
    return picked.tobytes()


def stretches(pcm: bytes, source: bytes, channels: int) -> list[Stretch]:
    """The stretches of `source` (noise) in `pcm`, in order. AssertionError: a frame is neither theirs nor silence.

    A last stretch of less than KEY_FRAMES is left out, since it can't be told from others.
    """
    size = channels * SAMPLE_BYTES
    total = len(pcm) // size
    found: list[Stretch] = []
    at = _sound_from(pcm, 0, size)
    while at <= total - KEY_FRAMES:
        key = pcm[at * size : (at + KEY_FRAMES) * size]
        place = source.find(key)
        while place % size and place >= 0:
            place = source.find(key, place + 1)
        assert place >= 0, f"frame {at} of {total} is neither the source's nor silence (found {found})"
        frames = _common(memoryview(pcm)[at * size :], memoryview(source)[place:]) // size
        found.append(Stretch(at, place // size, frames))
        at = _sound_from(pcm, at + frames, size)
    return found


def missing(found: list[Stretch]) -> list[Missing]:
    """What is between each stretch and the next."""
    return [Missing(one.end, two.at - one.end, two.source_at - one.source_end) for one, two in pairwise(found)]


def _sound_from(pcm: bytes, frame: int, size: int) -> int:
    rest = pcm[frame * size :]
    return frame + (len(rest) - len(rest.lstrip(b"\0"))) // size


def _common(one: memoryview, two: memoryview) -> int:
    """How many leading bytes are equal, by bisection."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
