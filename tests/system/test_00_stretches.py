"""The measuring rod of the tests beside it: stretches() sees what was lost, doubled or damaged."""

import pytest

from tests.noise import noise, silence
from tests.system.stretches import Missing, Stretch, channels_of, missing, stretches

SOURCE = noise(4000, 2)


def frames(first: int, end: int) -> bytes:
    return SOURCE[4 * first : 4 * end]


def test_whole_source_is_one_stretch() -> None:
    assert stretches(silence(7, 2) + SOURCE, SOURCE, 2) == [Stretch(7, 0, 4000)]


def test_lost_frames_show() -> None:
    found = stretches(frames(0, 1000) + silence(90, 2) + frames(1100, 1400), SOURCE, 2)
    assert missing(found) == [Missing(at=1000, frames=90, lost=100)]


def test_doubled_frames_show() -> None:
    assert missing(stretches(frames(0, 1000) + frames(990, 1400), SOURCE, 2)) == [Missing(1000, 0, -10)]


def test_a_damaged_sample_is_a_fault() -> None:
    damaged = bytearray(SOURCE)
    damaged[2000] ^= 2
    with pytest.raises(AssertionError, match="frame 500 of 4000"):
        stretches(bytes(damaged), SOURCE, 2)


def test_channels_are_picked_in_the_order_asked_for() -> None:
    assert channels_of(b"a0b1c2d3", 2, 1, 0) == b"b1a0d3c2"
