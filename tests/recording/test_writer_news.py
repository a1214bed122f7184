"""The writer fails, or the service was away: the file stays as it is."""

from typing import Literal

import pytest

from recorder.recording.actions import CloseFile, CutBeep, Gaps, OpenFile
from recorder.recording.inputs import (
    Abandoned,
    AudioJudged,
    BeepEnded,
    GapFound,
    GraceExpired,
    Input,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    WriterFailed,
)
from tests.recording.tape import Tape

FULL = WriterFailed("disk_full", "no space left on device", 30)


@pytest.mark.parametrize("reason", ["disk_full", "write_error"])
def test_failure_keeps_what_the_writer_holds(reason: Literal["disk_full", "write_error"]) -> None:
    tape = Tape.of().give(AudioJudged(200), WriterFailed(reason, "broken", 30))
    assert tape.states == [("recording", 100), ("error", 200)]
    assert tape.others[-1] == CloseFile(30, keep=True)
    assert (tape.ending.reason, tape.ending.message) == (reason, "broken")
    assert (tape.ending.frames, tape.ending.first_frame, tape.ending.end_frame) == (30, 100, 130)


def test_failure_with_nothing_written_keeps_nothing() -> None:
    tape = Tape.of().give(AudioJudged(200), WriterFailed("write_error", "broken", 0))
    assert tape.others[-1] == CloseFile(0, keep=False)
    assert not tape.ending.kept


@pytest.mark.parametrize(
    ("frames", "gaps", "end_frame"),
    [
        (70, Gaps(((10, 10), (40, 20)), 2, 30), 190),
        (50, Gaps(((10, 10), (40, 10)), 2, 20), 170),
        (40, Gaps(((10, 10),), 1, 10), 160),
        (20, Gaps(((10, 10),), 1, 10), 120),
        (5, Gaps(), 105),
    ],
)
def test_failure_tells_of_the_part_that_is_there(frames: int, gaps: Gaps, end_frame: int) -> None:
    paused = [PauseAsked(120), ResumeAsked(140)]
    tape = Tape.of().give(GapFound(110, 10), *paused, GapFound(160, 20), AudioJudged(200))
    tape.give(WriterFailed("write_error", "broken", frames))
    assert (tape.ending.frames, tape.ending.gaps, tape.ending.end_frame) == (frames, gaps, end_frame)


@pytest.mark.parametrize("end", [StopAsked(180), GraceExpired(180)])
def test_failure_behind_the_end_takes_its_place(end: Input) -> None:
    tape = Tape.of().give(AudioJudged(170), end)
    tape.give(*([] if tape.machine.ended else [AudioJudged(300)]))
    before = tape.told.pop()
    tape.give(FULL)
    assert (tape.told[-1].seq, tape.told[-1].state, tape.ending.reason) == (before.seq, "error", "disk_full")
    assert tape.others[-2:] == [CloseFile(80, keep=True), CloseFile(30, keep=True)]


def test_first_failure_stays() -> None:
    tape = Tape.of().give(AudioJudged(200), FULL)
    assert tape.machine.handle(WriterFailed("write_error", "and again", 20)) == []


def test_failure_with_a_file_that_is_thrown_away_is_nothing() -> None:
    tape = Tape.of(initial_timeout=50).give(AudioJudged(200))
    assert tape.machine.handle(WriterFailed("write_error", "broken", 20)) == []


@pytest.mark.parametrize("reason", ["shutdown", "interrupted"])
@pytest.mark.parametrize(
    ("frames", "end_frame"), [(30, 130), (100, 220), (150, 270)], ids=["less", "as much", "more than was known"]
)
def test_abandoned_file_is_finished_as_it_is(
    reason: Literal["shutdown", "interrupted"], frames: int, end_frame: int
) -> None:
    tape = Tape.of().give(PauseAsked(150), ResumeAsked(170), AudioJudged(220)).saved_and_loaded()
    tape.give(Abandoned(reason, frames))
    assert tape.states[-1] == ("finished", max(220, end_frame))
    assert tape.others == [OpenFile(), CloseFile(frames, keep=True)]
    assert (tape.ending.reason, tape.ending.frames, tape.ending.end_frame) == (reason, frames, end_frame)


@pytest.mark.parametrize("reason", ["shutdown", "interrupted"])
@pytest.mark.parametrize("judged", [90, 300])
def test_abandoned_without_audio_is_interrupted(reason: Literal["shutdown", "interrupted"], judged: int) -> None:
    tape = Tape.of().give(AudioJudged(judged), Abandoned(reason, 0))
    assert tape.told[-1].state == "error"
    assert (tape.ending.reason, tape.ending.frames, tape.ending.kept) == ("interrupted", 0, False)
    assert tape.ending.message


def test_abandoned_machine_may_be_older_than_its_file_and_than_what_was_told() -> None:
    tape = Tape.of().give(Abandoned("shutdown", 40, told=3))
    assert [(told.seq, told.state, told.frame) for told in tape.told] == [(3, "finished", 140)]
    assert tape.others == [CloseFile(40, keep=True)]
    assert (tape.ending.first_frame, tape.ending.end_frame) == (100, 140)


def test_abandoned_before_the_end_of_the_beep_was_known() -> None:
    tape = Tape.of(beep=True).give(AudioJudged(300), Abandoned("shutdown", 40))
    assert tape.others == [OpenFile(), CutBeep(), CloseFile(40, keep=True)]
    assert tape.ending.first_frame == 100


def test_abandoned_behind_the_beep_begins_at_its_end() -> None:
    tape = Tape.of(beep=True).give(AudioJudged(300), BeepEnded(320), Abandoned("shutdown", 40))
    assert (tape.ending.first_frame, tape.ending.end_frame) == (320, 360)
