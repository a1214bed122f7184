"""The machine against the slow model: any inputs, legal or not, in any order and pieces, saved at any moment."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recorder.recording.inputs import (
    AudioJudged,
    BeepEnded,
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
    StopAsked,
    VoiceEnded,
    VoiceStarted,
)
from recorder.recording.machine import Machine
from recorder.recording.plan import Plan
from recorder.recording.states import State
from tests.recording.model import Model
from tests.recording.tape import Tape

AHEAD = st.integers(-3, 25)  # frames from the judged one to what is told; below 0 is mostly illegal
SPAN = st.integers(0, 30)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    beep = draw(st.booleans())
    pre_roll = 0 if beep else draw(st.integers(0, 8))
    lead = draw(st.integers(0, 4))
    return Plan(
        cap=draw(st.sampled_from([20, 60, 1000])),
        lead=lead,
        same_press=draw(st.integers(lead, 20)),
        terminators="#1",
        beep=beep,
        pre_roll=pre_roll,
        max_length=draw(st.sampled_from([0, pre_roll + 1, 25, 50])),
        initial_timeout=draw(SPAN),
        end_silence=draw(SPAN),
        beep_interval=draw(st.integers(0, 9)),
        keep_no_input=draw(st.booleans()),
    )


class AnyInputs(RuleBasedStateMachine):
    """Whatever may be told to a machine. What it refuses leaves it as it was; what it takes, it does as the model."""

    @initialize(plan=plans(), command=st.integers(8, 20))
    def begin(self, plan: Plan, command: int) -> None:
        self.plan, self.command, self.first = plan, command, command - plan.pre_roll
        self.tape = Tape(Machine(plan, command, self.first))
        self.given: list[Input] = []

    def give(self, given: Input) -> None:
        before = self.tape.machine.save()
        try:
            self.tape.give(given)
        except IllegalInput:
            assert self.tape.machine.save() == before
        else:
            self.given.append(given)

    @property
    def now(self) -> int:
        return self.tape.machine.judged

    @rule(frames=st.integers(-1, 30))
    def audio_is_judged(self, frames: int) -> None:
        self.give(AudioJudged(max(0, self.now + frames)))

    @rule(ahead=AHEAD, started=st.booleans())
    def voice_changes(self, ahead: int, started: bool) -> None:
        self.give((VoiceStarted if started else VoiceEnded)(self.now + ahead))

    @rule(ahead=AHEAD, digit=st.sampled_from("#15"), sent=st.booleans())
    def a_key_is_pressed(self, ahead: int, digit: str, sent: bool) -> None:
        self.give((DigitSent if sent else DigitHeard)(digit, self.now + ahead))

    @rule(ahead=AHEAD, frames=st.integers(0, 10))
    def a_gap_is_found(self, ahead: int, frames: int) -> None:
        self.give(GapFound(self.now + ahead, frames))

    @rule(ahead=AHEAD, silence=st.booleans())
    def a_pause_is_asked(self, ahead: int, silence: bool) -> None:
        self.give(PauseAsked(self.now + ahead, "silence" if silence else "skip"))

    @rule(ahead=AHEAD)
    def a_resume_is_asked(self, ahead: int) -> None:
        self.give(ResumeAsked(self.now + ahead))

    @rule(ahead=st.integers(-1, 40), stop=st.booleans())
    def an_end_is_asked(self, ahead: int, stop: bool) -> None:
        self.give((StopAsked if stop else CallEnded)(self.now + ahead))

    @precondition(lambda self: self.plan.beep)
    @rule(ahead=st.integers(-25, 10))
    def the_beep_ends(self, ahead: int) -> None:
        self.give(BeepEnded(self.now + ahead))

    @rule(frames=st.integers(-1, 20), grace=st.booleans(), mood=st.integers(0, 3))
    def the_audio_ends(self, frames: int, grace: bool, mood: int) -> None:
        if mood == 0:  # else most runs would be over soon
            self.give((GraceExpired if grace else InputEnded)(max(0, self.now + frames)))

    @rule()
    def it_is_saved_and_loaded(self) -> None:
        self.tape.saved_and_loaded()

    @invariant()
    def it_did_what_the_model_does(self) -> None:
        if not hasattr(self, "tape"):
            return
        want = Model(self.plan, self.command, self.first, self.given).outcome()
        got = [
            (
                told.state.value,
                told.frame,
                told.pause_behavior,
                told.ending and told.ending.reason.value,
                told.ending and told.ending.digit,
            )
            for told in self.tape.told
        ]
        assert got == want.told
        assert self.tape.file == want.file
        assert self.tape.warnings == want.warnings
        if self.tape.machine.ended:
            self.the_ending_is_right(want.gap_frames)

    def the_ending_is_right(self, gap_frames: list[int]) -> None:
        ending, file = self.tape.ending, self.tape.file
        in_gaps = [frame for start, frames in ending.gaps.first for frame in range(start, start + frames)]
        assert in_gaps == gap_frames
        assert ending.gaps.frames == len(gap_frames)
        assert ending.kept == (
            file != [] and (self.tape.machine.state is not State.NO_INPUT or self.plan.keep_no_input)
        )
        assert ending.frames == (len(file) if ending.kept or not file else self.plan.initial_timeout)
        for edge, frame in ((file[:1], ending.first_frame), (file[-1:], ending.end_frame - 1)):
            assert edge in ([], [None], [frame])


AnyInputs.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestAnyInputs = AnyInputs.TestCase
