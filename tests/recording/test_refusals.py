"""What can't have happened is refused with its reason, and changes nothing."""

import pytest

from recorder.recording.inputs import (
    Abandoned,
    AudioJudged,
    AudioMissed,
    BeepEnded,
    BeepFailed,
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    GraceExpired,
    IllegalInput,
    Input,
    InputEnded,
    PauseAsked,
    ResumeAsked,
    StartRefused,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    WriterFailed,
)
from recorder.recording.machine import Machine
from recorder.recording.states import ACCEPTS, State
from tests.recording.tape import Tape

ONE_OF_EACH: list[Input] = [
    AudioJudged(500),
    VoiceStarted(500),
    VoiceEnded(500),
    DigitHeard("#", 500),
    DigitSent("#", 500),
    GapFound(500, 1),
    BeepEnded(500),
    BeepFailed("broken"),
    StartRefused("no room"),
    PauseAsked(500),
    ResumeAsked(500),
    StopAsked(500),
    CallEnded(500),
    InputEnded(500),
    GraceExpired(500),
    AudioMissed(0, 1),
    WriterFailed("write_error", "broken", 0),
    Abandoned("shutdown", 0),
]
IN_STATE = {
    State.BEEPING: lambda: Tape.of(beep=True).give(AudioJudged(200)),
    State.WAITING: lambda: Tape.of().give(AudioJudged(90)),
    State.RECORDING: lambda: Tape.of().give(AudioJudged(200)),
    State.PAUSED: lambda: Tape.of().give(PauseAsked(150), AudioJudged(200)),
    State.FINISHED: lambda: Tape.of().give(StopAsked(150), AudioJudged(200)),
    State.NO_INPUT: lambda: Tape.of(initial_timeout=50).give(AudioJudged(200)),
    State.ERROR: lambda: Tape.of().give(GraceExpired(150)),
}


def test_every_state_and_input_is_here() -> None:
    assert set(IN_STATE) == set(ACCEPTS) == set(State)
    assert {type(given) for given in ONE_OF_EACH} == frozenset().union(*ACCEPTS.values())


@pytest.mark.parametrize("given", ONE_OF_EACH, ids=lambda given: type(given).__name__)
@pytest.mark.parametrize("state", State)
def test_input_is_taken_only_where_the_table_says(state: State, given: Input) -> None:
    machine = IN_STATE[state]().machine
    assert machine.state is state
    before = machine.save()
    if type(given) not in ACCEPTS[state]:
        with pytest.raises(IllegalInput, match=f"{type(given).__name__} while {state}"):
            machine.handle(given)
        assert machine.save() == before


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (AudioJudged(199), "judged up to frame 199, but frames below 200"),
        (InputEnded(199), "judged up to frame 199"),
        (GraceExpired(199), "judged up to frame 199"),
        (VoiceStarted(300), "was voice since frame 150"),
        (VoiceEnded(199), "199 is below 200"),
        (DigitHeard("#", 204), "199 is below 200"),
        (DigitSent("#", 199), "199 is below 200"),
        (DigitSent("x", 300), "no digit"),
        (DigitSent("##", 300), "no digit"),
        (DigitSent("#", -1), "-1 is below 0"),
        (GapFound(199, 1), "199 is below 260"),
        (GapFound(259, 1), "259 is below 260"),
        (GapFound(300, 0), "0 is below 1"),
        (StopAsked(199), "199 is below 200"),
        (PauseAsked(300, "mute"), "no such behavior"),
        (AudioMissed(-1, 5), "-1 is below 0"),
        (AudioMissed(5, 0), "0 is below 1"),
        (AudioMissed(98, 5), "100 is below 103"),
        (WriterFailed("write_error", "", 101), "100 is below 101"),
        (WriterFailed("write_error", "", -1), "-1 is below 0"),
        (WriterFailed("tired", "", 0), "no such reason"),
        (Abandoned("tired", 0), "no such reason"),
        (Abandoned("shutdown", -1), "-1 is below 0"),
        (Abandoned("shutdown", 1, told=-1), "-1 is below 0"),
    ],
)
def test_impossible_input_changes_nothing(given: Input, fault: str) -> None:
    machine = Tape.of().give(VoiceStarted(150), GapFound(250, 10), AudioJudged(200)).machine
    before = machine.save()
    with pytest.raises(IllegalInput, match=fault):
        machine.handle(given)
    assert machine.save() == before


@pytest.mark.parametrize("given", [StopAsked(99), PauseAsked(99), ResumeAsked(99), CallEnded(99)])
def test_command_never_comes_before_the_recordings_own(given: Input) -> None:
    with pytest.raises(IllegalInput, match="99 is below 100"):
        Tape.of().give(AudioJudged(50), given)


def test_beep_never_ends_before_the_command() -> None:
    with pytest.raises(IllegalInput, match="99 is below 100"):
        Tape.of(beep=True).give(BeepEnded(99))


def test_command_in_the_beep_is_not_stamped_in_judged_time() -> None:
    with pytest.raises(IllegalInput, match="199 is below 200"):
        Tape.of(beep=True).give(AudioJudged(200), StopAsked(199))


def test_voice_does_not_end_before_it_began() -> None:
    tape = Tape.of().give(VoiceStarted(150))
    with pytest.raises(IllegalInput, match="149 is below 150"):
        tape.give(VoiceEnded(149))
    with pytest.raises(IllegalInput, match="was no voice since frame 150"):
        tape.give(VoiceEnded(150), VoiceEnded(150))


def test_writer_that_has_no_file_can_not_fail() -> None:
    with pytest.raises(IllegalInput, match="there is no file"):
        Tape.of().give(WriterFailed("disk_full", "", 0))


@pytest.mark.parametrize("saved", [{}, {"layout": 0}])
def test_state_of_another_layout_is_refused(saved: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="of layout"):
        Machine.load(saved)
