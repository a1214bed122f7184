"""Gaps: filled, reported, counted by max_length; and the audio that never comes back."""

import pytest

from recorder.recording.actions import Gaps
from recorder.recording.inputs import (
    AudioJudged,
    AudioMissed,
    CallEnded,
    DigitSent,
    GapFound,
    GraceExpired,
    Input,
    PauseAsked,
    ResumeAsked,
    StopAsked,
)
from tests.recording.tape import Tape


def test_gap_is_filled_and_reported_in_file_frames() -> None:
    tape = Tape.of().give(GapFound(120, 30), AudioJudged(200), StopAsked(200), AudioJudged(201))
    assert tape.file == [*range(100, 120), *[None] * 30, *range(150, 200)]
    assert tape.ending.gaps == Gaps(((20, 30),), 1, 30)


@pytest.mark.parametrize(
    ("inputs", "gaps"),
    [
        pytest.param([GapFound(50, 80)], [(0, 30)], id="only the part in the file"),
        pytest.param([GapFound(180, 80)], [(80, 20)], id="only the part before the end"),
        pytest.param([GapFound(110, 10), GapFound(140, 10)], [(10, 10), (40, 10)], id="two"),
        pytest.param([GapFound(110, 10), GapFound(120, 10)], [(10, 20)], id="two that touch are one"),
        pytest.param([PauseAsked(115), ResumeAsked(125), GapFound(110, 30)], [(10, 20)], id="less the pause in it"),
        pytest.param([PauseAsked(105), ResumeAsked(145), GapFound(110, 30)], [], id="in a pause"),
    ],
)
def test_gaps_are_those_in_the_file(inputs: list[Input], gaps: list[tuple[int, int]]) -> None:
    tape = Tape.of().give(*inputs, AudioJudged(130), StopAsked(200), AudioJudged(300))
    assert tape.ending.gaps == Gaps(tuple(gaps), len(gaps), sum(frames for _, frames in gaps))


def test_max_length_counts_a_gap() -> None:
    tape = Tape.of(max_length=40).give(GapFound(120, 30), AudioJudged(200))
    assert (tape.ending.reason, tape.file) == ("max_length", [*range(100, 120), *[None] * 20])


def test_first_hundred_gaps_are_listed_and_all_are_counted() -> None:
    tape = Tape.of()
    for start in range(200, 600, 2):
        tape.give(GapFound(start, 1))
    tape.give(StopAsked(700), AudioJudged(701))
    assert tape.ending.gaps == Gaps(tuple((start, 1) for start in range(100, 300, 2)), 200, 200)


@pytest.mark.parametrize(
    ("command", "reason"),
    [(StopAsked(150), "stop_command"), (CallEnded(150), "call_ended"), (DigitSent("#", 150), "terminator")],
)
class TestCommandInAGap:
    def test_it_waits_for_the_audio_and_ends_at_its_frame(self, command: Input, reason: str) -> None:
        tape = Tape.of(terminators="#").give(AudioJudged(120), command)
        assert len(tape.told) == 1
        tape.give(GapFound(120, 50), AudioJudged(170))
        assert tape.file == [*range(100, 120), *[None] * 30]
        assert tape.ending.reason == reason

    def test_it_ends_at_the_last_real_frame_when_no_audio_comes(self, command: Input, reason: str) -> None:
        tape = Tape.of(terminators="#").give(AudioJudged(110), command, GraceExpired(120))
        assert tape.states == [("recording", 100), ("finished", 120)]
        assert (tape.file, tape.ending.reason) == (list(range(100, 120)), reason)
        assert tape.ending.message is None


def test_lost_device_is_an_error_that_keeps_the_file() -> None:
    tape = Tape.of().give(AudioJudged(110), GraceExpired(120))
    assert tape.states == [("recording", 100), ("error", 120)]
    assert (tape.ending.reason, tape.ending.frames, tape.ending.kept) == ("device_lost", 20, True)
    assert tape.ending.message


def test_earliest_command_wins_when_no_audio_comes() -> None:
    tape = Tape.of(terminators="#").give(AudioJudged(110), StopAsked(160), DigitSent("#", 150), GraceExpired(120))
    assert (tape.ending.reason, tape.ending.digit) == ("terminator", "#")


def test_timers_stand_still_when_no_audio_comes() -> None:
    assert Tape.of(initial_timeout=40).give(AudioJudged(110), GraceExpired(120)).ending.reason == "device_lost"


def test_end_decided_by_the_last_audio_comes_before_the_loss() -> None:
    tape = Tape.of(initial_timeout=10).give(AudioJudged(105), GraceExpired(120))
    assert tape.states[-1] == ("no_input", 110)


def test_pause_that_waited_is_told_at_the_last_frame_and_digits_behind_it_do_nothing() -> None:
    tape = Tape.of(terminators="#").give(AudioJudged(110), PauseAsked(140), DigitSent("#", 150), GraceExpired(120))
    assert tape.states == [("recording", 100), ("paused", 120), ("error", 120)]
    assert tape.ending.reason == "device_lost"


def test_writer_that_came_too_late_makes_a_gap() -> None:
    tape = Tape.of().give(GapFound(150, 10), AudioJudged(200), AudioMissed(20, 10), AudioMissed(30, 5))
    assert tape.give(StopAsked(200), AudioJudged(201)).ending.gaps == Gaps(((20, 15), (50, 10)), 2, 25)


def test_gap_of_the_writer_is_told_after_the_end_in_place_of_it() -> None:
    tape = Tape.of().give(StopAsked(200), AudioJudged(300))
    before = tape.told.pop()
    tape.give(AudioMissed(20, 10))
    assert (tape.told[-1].seq, tape.told[-1].state) == (before.seq, before.state)
    assert tape.ending.gaps == Gaps(((20, 10),), 1, 10)


def test_gap_of_the_writer_is_nothing_to_a_file_that_is_thrown_away() -> None:
    tape = Tape.of(initial_timeout=10).give(AudioJudged(300))
    assert tape.machine.handle(AudioMissed(2, 3)) == []
