"""The same line, told in any pieces: each input early or just in time, the audio judged in any steps.

The machine must do what the model says, whatever the cuts, and go on alike when it is saved and loaded at each of them.
"""

from dataclasses import dataclass

from hypothesis import event, given, settings
from hypothesis import strategies as st

from recorder.recording.inputs import (
    AudioJudged,
    BeepEnded,
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
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
from tests.recording.model import Model
from tests.recording.tape import Tape

COMMAND = 10
END = 70  # frames of the line
FRAME = st.integers(0, END)
LATER = st.integers(COMMAND, END)


@dataclass
class Line:
    """What happened on a line. `early`: by how many frames each kind of input comes before it must."""

    plan: Plan
    inputs: list[tuple[int, Input]]  # with the frame before whose judging it must be told
    cuts: list[int]

    def tape(self) -> Tape:
        return Tape(Machine(self.plan, COMMAND, COMMAND - self.plan.pre_roll))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    beep = draw(st.booleans())
    pre_roll = 0 if beep else draw(st.integers(0, 6))
    lead = draw(st.integers(0, 3))
    return Plan(
        cap=draw(st.sampled_from([30, 1000, 1000, 1000])),
        lead=lead,
        same_press=draw(st.integers(lead, 9)),
        terminators=draw(st.sampled_from(["", "#", "#1"])),
        beep=beep,
        pre_roll=pre_roll,
        max_length=draw(st.sampled_from([0, 0, pre_roll + 4, 25])),
        initial_timeout=draw(st.sampled_from([0, 0, 3, 8, 20])),
        end_silence=draw(st.integers(0, 9)),
        beep_interval=draw(st.integers(0, 9)),
    )


@st.composite
def lines(draw: st.DrawFn) -> Line:
    plan = draw(plans())
    told: list[tuple[int, Input]] = []

    def tell(inputs: list[Input], place: int | None = None) -> None:
        early = draw(st.integers(0, 12))
        for one in inputs:
            frame = one.start if isinstance(one, GapFound) else one.frame
            told.append((max(0, frame + (place or 0) - early), one))

    changes = sorted(draw(st.lists(FRAME, max_size=8)))
    tell([(VoiceEnded if n % 2 else VoiceStarted)(frame) for n, frame in enumerate(changes)])
    edges = sorted(draw(st.sets(FRAME, max_size=4)))
    tell([GapFound(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=False)])
    for frame in sorted(draw(st.lists(FRAME, max_size=3))):
        tell([DigitHeard(draw(st.sampled_from("#1")), frame)], -plan.lead)
    tell([DigitSent(draw(st.sampled_from("#1")), frame) for frame in sorted(draw(st.lists(FRAME, max_size=3)))])
    pauses: list[Input] = []
    for frame in sorted(draw(st.lists(LATER, max_size=6))):
        command = draw(st.sampled_from([PauseAsked(0, "skip"), PauseAsked(0, "silence"), ResumeAsked(0)]))
        pauses.append(type(command)(frame, *([command.behavior] if isinstance(command, PauseAsked) else [])))
    tell(pauses)
    tell([StopAsked(frame) for frame in draw(st.lists(LATER, max_size=1))])
    tell([CallEnded(frame) for frame in draw(st.lists(LATER, max_size=1))])
    if plan.beep:
        told.append((draw(FRAME), BeepEnded(draw(LATER))))  # early, in time, or late
    told.append((END, InputEnded(END)))
    return Line(plan, sorted(told, key=lambda pair: pair[0]), sorted(draw(st.sets(st.integers(1, END)))))


@given(lines())
@settings(max_examples=600, deadline=None)
def test_machine_does_what_the_model_does_in_any_cuts(line: Line) -> None:
    tape, waiting, taken = line.tape(), list(line.inputs), []
    for cut in [*line.cuts, END + 1]:
        while waiting and waiting[0][0] < cut and not tape.machine.ended:
            taken.append(waiting.pop(0)[1])
            tape.give(taken[-1])
        if not tape.machine.ended:
            taken.append(AudioJudged(cut))
            tape.give(taken[-1]).saved_and_loaded()
    assert tape.machine.ended
    want = Model(line.plan, COMMAND, COMMAND - line.plan.pre_roll, taken).outcome()
    event(want.told[-1][3] or "")
    assert [(told.state.value, told.frame, told.pause_behavior) for told in tape.told] == [
        told[:3] for told in want.told
    ]
    assert (tape.ending.reason.value, tape.ending.digit) == want.told[-1][3:]
    assert tape.file == want.file
    assert tape.warnings == want.warnings
    assert tape.ending.gaps.frames == len(want.gap_frames)
