"""When a line that records by voice begins a recording, and when the next."""

from dataclasses import dataclass
from typing import Any

import pytest

from recorder.line.spoken import Spoken
from recorder.line.voice import VoiceHistory
from recorder.recording.states import EndReason

RATE, BLOCK = 8000, 80
AHEAD = 4  # blocks that the gate reaches back from what it hears


@dataclass
class Ended:
    id: str
    end_frame: int
    end_reason: EndReason | None
    judged: int = 0


class Told:
    """A Spoken and the voice it hears, in blocks of 10 ms; `hear` gives where recordings are to begin."""

    def __init__(self, since: int = 0, **defaults: object) -> None:
        self.voice = VoiceHistory(2)
        self.spoken = Spoken(since)
        self.defaults = defaults

    def hear(self, speak: int, blocks: int, listen: int = 0) -> list[int]:
        found = []
        for _ in range(blocks):
            next_block = self.voice.next_block
            self.voice.extend(next_block, [bytes([speak]), bytes([listen])])
            frame = self.spoken.hear(self.defaults, RATE, next_block * BLOCK, self.voice)
            if frame is not None and frame not in found:
                found.append(frame)
        return found


def test_speech_begins_one_at_its_first_frame() -> None:
    line = Told()
    assert line.hear(0, 50) == []
    assert line.hear(255, 50) == [(50 - AHEAD) * BLOCK]


def test_while_it_lives_no_other_begins_and_behind_it_the_next_speech_does() -> None:
    line = Told()
    [frame] = line.hear(255, 30)
    line.spoken.began("a", frame)
    assert line.hear(255, 30) + line.hear(0, 100) + line.hear(255, 30) == []
    line.spoken.ended(Ended("a", 190 * BLOCK, EndReason.STOP_COMMAND))
    assert line.hear(255, 50) == []  # this speech was in the one that was stopped
    assert line.hear(0, 100) == []
    assert line.hear(255, 50) == [(340 - AHEAD) * BLOCK]


def test_a_full_length_goes_on_in_the_next() -> None:
    line = Told()
    [frame] = line.hear(255, 30)
    line.spoken.began("a", frame)
    line.spoken.ended(Ended("b", 10**9, EndReason.STOP_COMMAND))  # another recording of the line
    line.hear(255, 30)
    line.spoken.ended(Ended("a", 4321, EndReason.MAX_LENGTH))
    assert line.hear(255, 10) == [4321]


def test_after_a_refusal_it_rests() -> None:
    line = Told()
    [frame] = line.hear(255, 30)
    line.spoken.rest(frame, RATE)
    assert line.hear(255, 30) + line.hear(0, 60) + line.hear(255, 5800) == []
    assert line.hear(255, 200) == [frame + 60 * RATE]


def test_what_was_said_while_the_last_was_still_to_be_decided_is_not_missed() -> None:
    """As after a restart: the audio is ahead of the recording, whose file is still to be opened."""
    line = Told()
    [frame] = line.hear(255, 30)
    line.spoken.began("a", frame)
    for _ in range(3):
        line.voice.extend(line.voice.next_block, [bytes(100) + b"\xff" * 50, bytes(150)], needed=0)
    assert line.spoken.hear({}, RATE, 40 * BLOCK, line.voice) is None
    begun = []
    for n in range(3):
        line.spoken.ended(Ended("a", (90 + 150 * n) * BLOCK, EndReason.END_SILENCE))
        begun.append(line.spoken.hear({}, RATE, line.voice.next_block * BLOCK, line.voice))
        line.spoken.began("a", begun[-1] or 0)
    assert begun == [(at - AHEAD) * BLOCK for at in (130, 280, 430)]


def test_speech_that_goes_on_at_the_beginning_counts_from_there() -> None:
    line = Told(since=100 * BLOCK)
    assert line.hear(255, 300) == [100 * BLOCK]


@pytest.mark.parametrize(
    ("direction", "speak", "listen"), [("speak", 255, 0), ("listen", 0, 255), ("both", 0, 255), ("both", 255, 0)]
)
def test_speech_is_that_of_the_direction(direction: str, speak: int, listen: int) -> None:
    line = Told(direction=direction)
    assert line.hear(speak, 30, listen) == [0]
    if direction != "both":
        other = Told(direction=direction)
        assert other.hear(listen, 30, speak) == []


def test_new_defaults_judge_what_is_said_from_then_on() -> None:
    line = Told(input_sensitivity=0)
    assert line.hear(150, 100) == []
    line.defaults = {"input_sensitivity": 100}
    assert line.hear(150, 30) == [100 * BLOCK]


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_checkpoint_changes_nothing(at: int) -> None:
    def life(line: Told, until: int, since: int) -> list[Any]:
        found: list[Any] = []
        for block in range(since, until):
            for frame in line.hear(255 if 10 <= block < 40 or block >= 55 else 0, 1):
                found.append(frame)
                line.spoken.began(str(frame), frame)
            if block == 20:
                line.spoken.ended(Ended("480", 20 * BLOCK, EndReason.MAX_LENGTH))
        return found

    whole, cut = Told(), Told()
    expected = life(whole, 90, 0)
    found = life(cut, at, 0)
    cut.spoken = Spoken.load(cut.spoken.save(), cut.voice)
    assert found + life(cut, 90, at) == expected
    assert expected == [(10 - AHEAD) * BLOCK, 20 * BLOCK]
