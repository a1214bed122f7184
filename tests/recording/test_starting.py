"""When a recording begins: at once, after its beep, with pre-roll, or never."""

import pytest

from recorder.recording.actions import CloseFile, CutBeep, OpenFile
from recorder.recording.inputs import (
    AudioJudged,
    BeepEnded,
    BeepFailed,
    CallEnded,
    GraceExpired,
    IllegalInput,
    Input,
    InputEnded,
    PauseAsked,
    ResumeAsked,
    StartRefused,
    StopAsked,
    WriterFailed,
)
from recorder.recording.states import State
from tests.recording.tape import Tape


def test_recording_is_told_at_its_first_frame() -> None:
    tape = Tape.of().give(AudioJudged(100))
    assert (tape.others, tape.states, tape.machine.state) == ([OpenFile()], [], State.WAITING)
    tape.give(AudioJudged(101))
    assert (tape.states, tape.file) == ([("recording", 100)], [100])


def test_file_is_opened_once() -> None:
    assert Tape.of().give(AudioJudged(50), AudioJudged(200), AudioJudged(300)).others == [OpenFile()]


def test_pre_roll_is_in_the_file() -> None:
    tape = Tape.of(100, 70, pre_roll=30).give(AudioJudged(95))
    assert tape.states == [("recording", 70)]
    assert tape.give(StopAsked(110), AudioJudged(200)).file == list(range(70, 110))
    assert (tape.ending.first_frame, tape.ending.end_frame, tape.ending.frames) == (70, 110, 40)


def test_recording_with_a_beep_begins_at_its_end() -> None:
    tape = Tape.of(beep=True).give(AudioJudged(500), BeepEnded(520), AudioJudged(520))
    assert (tape.states, tape.file) == ([], [])
    assert tape.give(AudioJudged(530)).states == [("recording", 520)]
    assert tape.file == list(range(520, 530))


def test_beep_may_be_told_of_late() -> None:
    tape = Tape.of(beep=True).give(AudioJudged(600))
    tape.give(BeepEnded(520))
    assert (tape.states, tape.file) == ([("recording", 520)], list(range(520, 600)))


@pytest.mark.parametrize("state", ["never told", "told ahead"])
@pytest.mark.parametrize(("end", "reason"), [(StopAsked(300), "stop_command"), (CallEnded(300), "call_ended")])
def test_end_in_the_beep_cuts_it_and_recording_is_never_told(end: Input, reason: str, state: str) -> None:
    tape = Tape.of(beep=True).give(AudioJudged(250), end)
    if state == "told ahead":
        tape.give(BeepEnded(301))
    tape.give(AudioJudged(400))
    assert tape.states == [("finished", 300)]
    assert tape.others == [OpenFile(), CutBeep(), CloseFile(0, keep=False)]
    assert (tape.ending.reason, tape.ending.frames, tape.ending.kept) == (reason, 0, False)


def test_stop_at_the_first_frame_ends_a_recording_that_began() -> None:
    tape = Tape.of(beep=True).give(AudioJudged(250), StopAsked(300), BeepEnded(300), AudioJudged(400))
    assert tape.states == [("recording", 300), ("finished", 300)]
    assert (tape.ending.frames, tape.ending.kept) == (0, False)
    assert CutBeep() not in tape.others


def test_pause_in_the_beep_takes_effect_at_the_first_frame() -> None:
    tape = Tape.of(beep=True).give(PauseAsked(200), AudioJudged(400), BeepEnded(420), ResumeAsked(430))
    tape.give(AudioJudged(450))
    assert tape.states == [("recording", 420), ("paused", 420), ("recording", 430)]
    assert tape.file == list(range(430, 450))


def test_pause_taken_back_in_the_beep_is_not_told() -> None:
    tape = Tape.of(beep=True).give(PauseAsked(200), ResumeAsked(210), BeepEnded(420), AudioJudged(450))
    assert tape.states == [("recording", 420)]


def test_failed_beep_fails_the_start() -> None:
    tape = Tape.of(beep=True).give(AudioJudged(250), BeepFailed("no such device"))
    assert tape.states == [("error", 250)]
    assert (tape.ending.reason, tape.ending.message) == ("start_failed", "no such device")
    assert tape.others == [OpenFile(), CutBeep(), CloseFile(0, keep=False)]


def test_refused_start_leaves_nothing() -> None:
    tape = Tape.of().give(StartRefused("no room"))
    assert tape.states == [("error", 100)]
    assert (tape.ending.reason, tape.ending.message) == ("start_failed", "no room")
    assert tape.others == []


def test_beep_ends_once() -> None:
    tape = Tape.of(beep=True).give(BeepEnded(420))
    with pytest.raises(IllegalInput, match="BeepFailed while waiting"):
        tape.give(BeepFailed("too late"))


@pytest.mark.parametrize("beep", [False, True])
def test_line_lost_before_the_first_frame_fails_the_start(*, beep: bool) -> None:
    tape = Tape.of(beep=beep).give(AudioJudged(60), GraceExpired(80))
    assert tape.states == [("error", 100)]
    assert tape.ending.reason == "start_failed"


@pytest.mark.parametrize("beep", [False, True])
def test_stop_waiting_for_a_line_that_was_lost_before_the_first_frame(*, beep: bool) -> None:
    tape = Tape.of(beep=beep).give(AudioJudged(60), StopAsked(300), GraceExpired(80))
    assert tape.states == [("finished", 100)]
    assert tape.ending.reason == "stop_command"


@pytest.mark.parametrize("beep", [False, True])
def test_input_that_ends_before_the_first_frame_ends_the_call(*, beep: bool) -> None:
    tape = Tape.of(beep=beep).give(InputEnded(100))
    assert tape.states == [("finished", 100)]
    assert (tape.ending.reason, tape.others) == ("call_ended", [CutBeep()] if beep else [])


def test_file_that_can_not_be_made_fails_the_start() -> None:
    tape = Tape.of().give(AudioJudged(90), WriterFailed("disk_full", "no space left", 0))
    assert tape.states == [("error", 100)]
    assert (tape.ending.reason, tape.ending.message) == ("start_failed", "no space left")
