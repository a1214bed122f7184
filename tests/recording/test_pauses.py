"""Pause and resume: what is told, what is in the file, what stands still."""

import pytest

from recorder.recording.inputs import (
    AudioJudged,
    CallEnded,
    DigitSent,
    GapFound,
    Input,
    PauseAsked,
    ResumeAsked,
    StopAsked,
)
from tests.recording.tape import Tape

SKIP, SILENCE = PauseAsked(150, "skip"), PauseAsked(150, "silence")


def test_skip_leaves_the_time_out_of_the_file() -> None:
    tape = Tape.of().give(SKIP, ResumeAsked(170), AudioJudged(200))
    assert tape.file == [*range(100, 150), *range(170, 200)]


def test_silence_keeps_the_time_and_none_of_the_audio() -> None:
    tape = Tape.of().give(SILENCE, ResumeAsked(170), AudioJudged(200))
    assert tape.file == [*range(100, 150), *[None] * 20, *range(170, 200)]


def test_pause_and_resume_are_told() -> None:
    tape = Tape.of().give(SILENCE, ResumeAsked(170), AudioJudged(200))
    assert tape.states == [("recording", 100), ("paused", 150), ("recording", 170)]
    assert [told.pause_behavior for told in tape.told] == [None, "silence", None]


@pytest.mark.parametrize(
    "again",
    [
        [SKIP, PauseAsked(160, "skip"), ResumeAsked(170)],
        [SKIP, PauseAsked(160, "silence"), ResumeAsked(170)],  # the pause under way stays what it is
        [ResumeAsked(120), SKIP, ResumeAsked(170), ResumeAsked(180)],
    ],
)
def test_what_is_so_already_is_not_told_again(again: list[Input]) -> None:
    tape = Tape.of().give(*again, AudioJudged(200))
    assert tape.states == [("recording", 100), ("paused", 150), ("recording", 170)]
    assert tape.file == [*range(100, 150), *range(170, 200)]


@pytest.mark.parametrize(("pause", "frames", "behind"), [(SKIP, 50, 150), (SILENCE, 80, 180)])
@pytest.mark.parametrize(("end", "reason"), [(StopAsked(180), "stop_command"), (CallEnded(180), "call_ended")])
def test_end_while_paused_tells_no_resume(pause: Input, frames: int, behind: int, end: Input, reason: str) -> None:
    tape = Tape.of().give(pause, end, AudioJudged(200))
    assert tape.states == [("recording", 100), ("paused", 150), ("finished", 180)]
    assert (tape.ending.reason, tape.ending.frames, tape.ending.end_frame) == (reason, frames, behind)
    assert tape.file == [*range(100, 150), *[None] * (frames - 50)]


def test_max_length_stands_still_with_skip() -> None:
    tape = Tape.of(max_length=60).give(SKIP, ResumeAsked(300), AudioJudged(400))
    assert tape.states[-1] == ("finished", 310)
    assert len(tape.file) == 60


def test_max_length_goes_on_with_silence_and_ends_the_recording() -> None:
    tape = Tape.of(max_length=60).give(SILENCE, AudioJudged(400))
    assert (tape.states[-1], tape.ending.reason) == (("finished", 160), "max_length")
    assert tape.file == [*range(100, 150), *[None] * 10]


@pytest.mark.parametrize("pause", [SKIP, SILENCE])
def test_cap_counts_pauses(pause: Input) -> None:
    tape = Tape.of(cap=100).give(pause, AudioJudged(400))
    assert (tape.states[-1], tape.ending.reason) == (("finished", 200), "max_length")


def test_pause_is_decided_once_its_frame_is_judged() -> None:
    tape = Tape.of().give(SKIP, AudioJudged(150))
    assert len(tape.told) == 1
    assert tape.give(AudioJudged(151)).states[-1] == ("paused", 150)


@pytest.mark.parametrize("commands", [[SKIP, StopAsked(150)], [StopAsked(150), SKIP]])
def test_end_comes_before_a_pause_at_its_frame(commands: list[Input]) -> None:
    assert Tape.of().give(*commands, AudioJudged(200)).states == [("recording", 100), ("finished", 150)]


def test_resume_comes_before_an_end_at_its_frame() -> None:
    tape = Tape.of(terminators="#").give(SKIP, ResumeAsked(170), DigitSent("#", 170), AudioJudged(200))
    assert tape.states == [("recording", 100), ("paused", 150), ("recording", 170), ("finished", 170)]
    assert tape.ending.reason == "terminator"


def test_pause_and_resume_at_one_frame_are_told_in_order() -> None:
    tape = Tape.of().give(SKIP, ResumeAsked(150), PauseAsked(160), AudioJudged(200))
    assert tape.states == [("recording", 100), ("paused", 150), ("recording", 150), ("paused", 160)]


def test_silence_of_a_pause_is_no_gap() -> None:
    tape = Tape.of().give(SILENCE, GapFound(155, 5), ResumeAsked(170), StopAsked(180), AudioJudged(200))
    assert tape.ending.gaps.count == 0
