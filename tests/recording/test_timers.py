"""initial_timeout, end_silence_timeout and beep_interval: what counts, and what holds them (contract, 2 and 4)."""

import pytest

from recorder.recording.inputs import (
    AudioJudged,
    BeepEnded,
    GapFound,
    Input,
    PauseAsked,
    ResumeAsked,
    VoiceEnded,
    VoiceStarted,
)
from tests.recording.tape import Tape

SPOKE = [VoiceStarted(110), VoiceEnded(150)]


@pytest.mark.parametrize(
    ("inputs", "end"),
    [
        pytest.param([], 200, id="silence"),
        pytest.param([VoiceStarted(199)], None, id="speech just in time"),
        pytest.param([VoiceStarted(200)], 200, id="speech at the end of the time is too late"),
        pytest.param([VoiceStarted(50), VoiceEnded(100)], 200, id="speech that ended at the armed frame"),
        pytest.param([VoiceStarted(50), VoiceEnded(101)], None, id="speech going on at the armed frame"),
        pytest.param([PauseAsked(120), ResumeAsked(170)], 250, id="goes on after a pause with what was left"),
        pytest.param([PauseAsked(120), VoiceStarted(130), VoiceEnded(160), ResumeAsked(170)], 250, id="paused speech"),
        pytest.param([PauseAsked(120), VoiceStarted(130), ResumeAsked(170)], None, id="speech going on at the resume"),
        pytest.param([GapFound(120, 30)], 230, id="stands still in a gap"),
        pytest.param([GapFound(120, 30), VoiceStarted(125), VoiceEnded(150)], 230, id="a gap is no speech"),
    ],
)
def test_initial_timeout(inputs: list[Input], end: int | None) -> None:
    tape = Tape.of(initial_timeout=100).give(*inputs, AudioJudged(600))
    assert tape.states[-1] == ("no_input", end) if end else not tape.machine.ended


@pytest.mark.parametrize(
    ("inputs", "end"),
    [
        pytest.param([], None, id="armed by the first speech only"),
        pytest.param(SPOKE, 200, id="silence after speech"),
        pytest.param([VoiceStarted(50), VoiceEnded(101)], 151, id="speech going on at the armed frame"),
        pytest.param([VoiceStarted(50), VoiceEnded(90)], None, id="speech before the armed frame"),
        pytest.param([*SPOKE, VoiceStarted(199), VoiceEnded(210)], 260, id="anew after each speech"),
        pytest.param([*SPOKE, VoiceStarted(200)], 200, id="speech at the end of the time is too late"),
        pytest.param([*SPOKE, PauseAsked(180), ResumeAsked(300)], 350, id="anew after a pause"),
        pytest.param([*SPOKE, PauseAsked(180), ResumeAsked(180)], 230, id="anew after a pause of no length"),
        pytest.param([*SPOKE, GapFound(160, 30)], 230, id="stands still in a gap"),
        pytest.param([VoiceStarted(110), GapFound(150, 30), VoiceEnded(155)], 230, id="silence in a gap is none"),
    ],
)
def test_end_silence(inputs: list[Input], end: int | None) -> None:
    tape = Tape.of(end_silence=50).give(*inputs, AudioJudged(600))
    assert tape.states[-1] == ("finished", end) if end else not tape.machine.ended


def test_timers_count_from_the_first_frame_behind_a_beep() -> None:
    tape = Tape.of(beep=True, initial_timeout=100).give(AudioJudged(500), BeepEnded(450), AudioJudged(600))
    assert tape.states[-1] == ("no_input", 550)


def test_timers_count_from_the_command_behind_pre_roll() -> None:
    tape = Tape.of(100, 20, pre_roll=80, initial_timeout=100).give(VoiceStarted(30), VoiceEnded(60), AudioJudged(600))
    assert tape.states[-1] == ("no_input", 200)


def test_pre_roll_is_no_silence() -> None:
    tape = Tape.of(100, 20, pre_roll=80, end_silence=50).give(VoiceStarted(30), VoiceEnded(40), AudioJudged(600))
    assert not tape.machine.ended


@pytest.mark.parametrize(
    ("inputs", "warnings"),
    [
        pytest.param([], [150, 200, 250, 300], id="from the armed frame on"),
        pytest.param([PauseAsked(120), ResumeAsked(230)], [260, 310], id="a pause holds it"),
        pytest.param([PauseAsked(150), ResumeAsked(230)], [280], id="not in a pause, due or not"),
        pytest.param([GapFound(120, 100)], [250, 300], id="a gap holds it"),
    ],
)
def test_warning_sounds_while_recording(inputs: list[Input], warnings: list[int]) -> None:
    tape = Tape.of(100, 80, pre_roll=20, beep_interval=50).give(*inputs, AudioJudged(320))
    assert tape.warnings == warnings
