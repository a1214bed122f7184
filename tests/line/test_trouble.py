"""What is wrong with a line's sound is found by what its follower tells, and nothing where nothing is wrong."""

import threading
from pathlib import Path

import numpy as np
import pytest

from recorder._capture import RingWriter
from recorder._dsp import Follower, RingReader
from recorder.line.reception import Reception
from tests.speech import speech
from tests.tones import babble, key_press
from tests.waiting import until

RATE = 8000
PIECE_S = 5


class Heard:
    """A line's audio, through ring and follower into its reception."""

    def __init__(self, path: Path, rate: int = RATE, channels: int = 1) -> None:
        self.rate = rate
        self.reception = Reception()
        self._writer = RingWriter(path / "front.ring", "front", rate, channels, 30 * rate)
        self._ring = RingReader(path / "front.ring")
        self._follower = Follower()
        self._follower.add(0, self._ring, 0)
        self._thread = threading.Thread(target=self._follower.run)
        self._thread.start()

    def hear(self, frames: np.ndarray, *, is_recorded: bool = True) -> None:
        """Frames of s16, a column a channel; the ring holds 30 s, so they come piece by piece."""
        for at in range(0, len(frames), PIECE_S * self.rate):
            self._writer.write(frames[at : at + PIECE_S * self.rate].astype(np.int16).tobytes())
            self._take_all(is_recorded=is_recorded)

    def miss(self, seconds: float) -> None:
        self._writer.write_gap(round(seconds * self.rate), "device")
        self._take_all(is_recorded=True)

    @property
    def troubles(self) -> list[tuple[str, str]]:
        return [(each.party, each.kind) for each in self.reception.troubles]

    def close(self) -> None:
        self._follower.stop()
        self._thread.join()

    def _take_all(self, *, is_recorded: bool) -> None:
        until(lambda: self._take(is_recorded=is_recorded) == self._writer.head, what="all audio")

    def _take(self, *, is_recorded: bool) -> int:
        head = -1
        for heard in self._follower.drain():
            if heard[0] == "audio":
                head = heard[2]
                self.reception.hear(heard[4], heard[5], is_recorded=is_recorded)
            elif heard[0] == "hum":
                self.reception.hear_hum(heard[2] * 5 // self.rate - 1, heard[3])
            elif heard[0] == "gap":
                self.reception.note_gap(heard[2], heard[2] + heard[3], self.rate // 100)
        return head


@pytest.fixture
def line(tmp_path: Path):
    heard = Heard(tmp_path)
    yield heard
    heard.close()


def sines(seconds: float, *parts: tuple[float, float], rate: int = RATE) -> np.ndarray:
    """Pairs of Hz and dBFS of the peak, over faint noise; one column."""
    at = np.arange(round(seconds * rate)) / rate
    tone = sum((32767 * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * at) for hz, dbfs in parts), np.zeros(len(at)))
    noise = np.random.default_rng(1).normal(0, 10, len(at))
    return (tone + noise).round().clip(-32768, 32767)[:, None]


def talk(seconds: float) -> np.ndarray:
    """Speech, whose pauses have the noise of a line."""
    said = speech(RATE, seconds).astype(float)
    return (said + np.random.default_rng(2).normal(0, 15, said.shape)).clip(-32768, 32767)


@pytest.mark.parametrize(("rate", "hz"), [(8000, 50), (44100, 60), (48000, 50)])
def test_hum_is_found_with_its_frequency_and_level(tmp_path: Path, rate: int, hz: int) -> None:
    line = Heard(tmp_path, rate, 2)
    still = sines(12, rate=rate)
    hum = sines(12, (hz * 1.002, -40), (2 * hz * 1.002, -50), (3 * hz * 1.002, -50), rate=rate)
    line.hear(np.hstack([still, hum]))
    line.close()
    (found,) = line.reception.troubles
    assert (found.party, found.kind, found.hz) == ("listen", "humming", hz)
    assert found.level_dbfs == pytest.approx(-42.2, abs=0.8)


def test_hum_is_found_under_speech_and_is_over_when_it_stops(line: Heard) -> None:
    hum = sines(30, (50, -38), (100, -42))
    line.hear(talk(30) + hum)
    assert line.troubles == [("speak", "humming")]
    line.hear(sines(0.6))
    assert line.troubles == [("speak", "humming")], "so little proves nothing"
    line.hear(talk(12))
    assert line.troubles == []


MELODY = (98.0, 110.0, 123.5, 130.8, 146.8, 98.0, 164.8, 196.0)  # a bass among the harmonics of 50 Hz


@pytest.mark.parametrize(
    "sound",
    [
        lambda: talk(40),
        lambda: np.frombuffer(babble(30), np.int16)[:, None] + sines(30),
        lambda: np.concatenate([sines(0.75, (hz, -14), (2 * hz, -18), (3 * hz, -25)) for hz in MELODY * 5]),
        lambda: sines(15, (350, -13), (440, -13)),
        lambda: sines(15, (425, -10)),
        lambda: np.concatenate([part for _ in range(8) for part in (sines(1, (440, -15), (480, -15)), sines(2))]),
        lambda: np.frombuffer(b"".join(key_press(key) for key in "123456789*0#" * 10), np.int16)[:, None],
        lambda: sines(15, (1000, -6)),
        lambda: sines(15),
    ],
    ids=["speech", "babble", "music", "dial tone", "425 Hz", "ringing", "digits", "test tone", "noise"],
)
def test_what_lines_carry_is_no_trouble(line: Heard, sound) -> None:
    frames = sound()
    for at in range(0, len(frames), RATE):
        line.hear(frames[at : at + RATE])
        assert line.troubles == []


def test_clipping_begins_with_half_a_second_of_it_and_is_over_ten_seconds_later(line: Heard) -> None:
    loud = sines(2, (440, 9.5))
    line.hear(sines(10, (440, -1)))
    assert line.troubles == []
    line.hear(loud[: 4 * RATE // 10])
    assert line.troubles == []
    line.hear(loud[: 2 * RATE // 10])
    assert line.troubles == [("speak", "clipping")]
    line.hear(sines(9, (440, -20)))
    assert line.troubles == [("speak", "clipping")]
    line.hear(sines(1.4, (440, -20)))
    assert line.troubles == []


def test_a_line_is_dead_when_nothing_but_zeros_is_recorded(line: Heard) -> None:
    zeros = np.zeros((19 * RATE, 1))
    line.hear(zeros, is_recorded=False)
    line.hear(zeros)
    assert line.troubles == []
    line.hear(zeros[: 2 * RATE])
    assert line.troubles == [("speak", "dead")]
    click = np.zeros((RATE, 1))
    click[7] = 5000
    line.hear(click)
    assert line.troubles == [("speak", "dead")], "a click is no sound"
    line.hear(sines(0.4))
    assert line.troubles == []


def test_a_dead_line_is_told_of_no_more_when_nothing_is_recorded(line: Heard) -> None:
    line.hear(np.zeros((21 * RATE, 1)))
    assert line.troubles == [("speak", "dead")]
    line.hear(np.zeros((RATE, 1)), is_recorded=False)
    assert line.troubles == []


def test_filled_gaps_are_not_taken_for_silence(line: Heard) -> None:
    line.hear(sines(1))
    line.miss(25)
    line.hear(sines(1))
    assert line.troubles == []
