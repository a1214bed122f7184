"""Intake, Playback and tone as Python sees them; what they do is tested in ext/tests."""

import struct
from pathlib import Path

import pytest

from recorder._capture import Intake, Playback, RingWriter, tone


def test_intake_refuses_what_it_cannot_take(tmp_path: Path) -> None:
    ring = RingWriter(tmp_path / "x.ring", "x", 8000, 2, 8000)
    with pytest.raises(ValueError, match="cause"):
        Intake(8000, 1, "boredom")
    with pytest.raises(ValueError, match="65 channels"):
        Intake(8000, 65, "restart")
    intake = Intake(8000, 2, "restart")
    with pytest.raises(ValueError, match="map of 1 channels for a ring of 2"):
        intake.add(ring, (0,))
    with pytest.raises(ValueError, match="channels"):
        intake.add(ring, (0, 2))
    intake.add(ring, (1, 0))
    assert (intake.rate, intake.channels, intake.finished) == (8000, 2, False)
    assert intake.counters() == dict.fromkeys(
        ("callbacks", "frames", "overflows", "underflows", "gaps", "lost_frames"), 0
    )


def test_playback_refuses_nothing_to_play() -> None:
    for pcm, rate, channels in ((b"", 8000, 1), (b"1234", 0, 1), (b"1234", 8000, 0)):
        with pytest.raises(ValueError, match="can't be played"):
            Playback(pcm, rate, channels)
    with pytest.raises(ValueError, match="whole samples"):
        Playback(b"123", 8000, 1)
    assert Playback(b"1234", 8000, 1).ended_ns == 0


def test_tone_has_length_and_level() -> None:
    samples = struct.unpack("<3200h", tone(8000, 1000.0, 0.4, -12.0))
    assert max(samples) == round(32767 * 10 ** (-12 / 20))


@pytest.mark.parametrize(
    ("rate", "hz", "seconds", "dbfs"),
    [(8000, 4000, 1, -12), (8000, 0, 1, -12), (8000, 1000, 0, -12), (8000, 1000, 61, -12), (8000, 1000, 1, 0.1)],
)
def test_tone_out_of_range_is_refused(rate: int, hz: float, seconds: float, dbfs: float) -> None:
    with pytest.raises(ValueError, match="no tone of"):
        tone(rate, hz, seconds, dbfs)
