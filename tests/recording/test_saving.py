"""A machine that is saved and loaded goes on as if it had not been."""

import json

import pytest

from recorder.recording.inputs import (
    AudioJudged,
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    Input,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    WriterFailed,
)
from recorder.recording.machine import Machine
from tests.recording.tape import Tape

# One of everything that a machine can have in mind, and then the frames to think about it.
BEFORE: list[Input] = [
    AudioJudged(110),
    VoiceStarted(120),
    VoiceEnded(130),
    GapFound(140, 10),
    DigitHeard("#", 160),
    PauseAsked(150, "silence"),
    AudioJudged(158),
    ResumeAsked(170),
    DigitSent("#", 172),
    DigitHeard("1", 300),
    StopAsked(310),
    CallEnded(320),
    GapFound(200, 5),
    VoiceStarted(210),
    VoiceEnded(220),
]
AFTER = [AudioJudged(180), AudioJudged(250), AudioJudged(400)]


@pytest.mark.parametrize("at", range(len(BEFORE) + 1))
def test_loaded_machine_goes_on_as_the_saved_one(at: int) -> None:
    def tape() -> Tape:
        return Tape.of(terminators="#1", end_silence=100, initial_timeout=200, beep_interval=20)

    want = tape().give(*BEFORE, *AFTER)
    got = tape().give(*BEFORE[:at]).saved_and_loaded().give(*BEFORE[at:], *AFTER)
    assert want.ending.digit == "1"
    assert (got.told, got.file, got.warnings) == (want.told, want.file, want.warnings)


def test_ended_machine_is_saved_with_its_end() -> None:
    tape = Tape.of().give(GapFound(120, 5), StopAsked(200), AudioJudged(300))
    saved = tape.machine.save()
    assert Machine.load(json.loads(json.dumps(saved))).save() == saved
    tape.saved_and_loaded().give(WriterFailed("disk_full", "no space", 50))
    assert (tape.told[-1].seq, tape.ending.reason, tape.ending.gaps.count) == (1, "disk_full", 1)
