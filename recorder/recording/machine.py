"""The recording machine: what may be told to it, and what each input does. states.py says how it thinks.

machine = Machine(plan, command_frame=7990)
machine.handle(AudioJudged(8000))   -> OpenFile(), TellState(0, "recording", 7990), AppendFrames(0, 7990, 10)
machine.handle(StopAsked(9000))     -> nothing yet
machine.handle(AudioJudged(9600))   -> AppendFrames(10, 8000, 1000), CloseFile(1010, keep=True),
                                       TellState(1, "finished", 9000, ending=Ending("stop_command", 1010 ...))
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from recorder.recording.actions import Action
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
from recorder.recording.plan import Plan
from recorder.recording.states import ACCEPTS, UNBEGUN, EndReason, State, Step
from recorder.recording.walk import Walk

LAYOUT = 1  # of what save() writes
DIGITS = frozenset("0123456789ABCD*#")
_WRITER_FAULTS = frozenset({EndReason.DISK_FULL, EndReason.WRITE_ERROR})


class Machine:
    """One recording, from its command at line frame `command_frame` to its end.

    `first_frame` is the first in the file: earlier than the command with pre-roll. (With a beep it comes from
    `BeepEnded`.) What the line knows of frames that are judged already (voice going on, the digits of the last 500 ms,
    gaps in the pre-roll) is told ahead of the first `AudioJudged`. ValueError: the frames don't fit the plan.
    """

    def __init__(self, plan: Plan, command_frame: int, first_frame: int | None = None) -> None:
        first = command_frame if first_frame is None else first_frame
        if first < 0 or not 0 <= command_frame - first <= plan.pre_roll:
            raise ValueError(f"a command at {command_frame} with {plan.pre_roll=} can't begin its file at {first}")
        self.judged = 0
        self._voice_told = (False, 0)  # since which frame
        self._gaps_told = 0  # the end of the last
        self._walk = Walk(plan, command_frame)
        if not plan.beep:
            self._walk.arm(first, command_frame)

    @property
    def state(self) -> State:
        """Where the recording stands; decided up to `judged`."""
        return self._walk.state

    @property
    def ended(self) -> bool:
        """Whether nothing can come any more, but from the writer."""
        return self._walk.ending is not None

    @property
    def frames(self) -> int:
        """Frames in the file so far."""
        return self._walk.contents.frames

    def handle(self, given: Input) -> list[Action]:
        """What is to be done now, in order. IllegalInput: this can't have happened; the machine is as it was."""
        if type(given) not in ACCEPTS[self._walk.state]:
            raise IllegalInput(f"{type(given).__name__} while {self.state}")
        actions: list[Action] = []
        self._walk.actions = actions
        self._TAKE[type(given)](self, given)
        return actions

    def _audio_judged(self, given: AudioJudged) -> None:
        self._judge(given.to)
        self._walk.open()
        self._walk.to(given.to)

    def _judge(self, to: int) -> None:
        if to < self.judged:
            raise IllegalInput(f"judged up to frame {to}, but frames below {self.judged} have been")
        self.judged = to

    def _voice_changed(self, given: VoiceStarted | VoiceEnded) -> None:
        started = isinstance(given, VoiceStarted)
        voice, since = self._voice_told
        if started == voice:
            raise IllegalInput(f"{given}: there {'was' if voice else 'was no'} voice since frame {since}")
        _at_least(max(since, self._walk.at), given.frame, given)
        self._walk.put(given)
        self._voice_told = (started, given.frame)

    def _digit(self, given: DigitHeard | DigitSent) -> None:
        if given.digit not in DIGITS:
            raise IllegalInput(f"{given}: no digit")
        _at_least(0, given.frame, given)
        _at_least(self._walk.at, self._walk.place_of(given), given)
        if given.digit in self._walk.plan.terminators:
            self._walk.put(given)

    def _gap_found(self, given: GapFound) -> None:
        _at_least(max(self._gaps_told, self._walk.at), given.start, given)
        _at_least(1, given.frames, given)
        self._walk.put(given)
        self._gaps_told = given.start + given.frames

    def _command(self, given: PauseAsked | ResumeAsked | StopAsked | CallEnded) -> None:
        if isinstance(given, PauseAsked) and given.behavior not in {"skip", "silence"}:
            raise IllegalInput(f"{given}: no such behavior")
        _at_least(max(self._walk.command_frame, self.judged), given.frame, given)
        self._walk.put(given)

    def _beep_ended(self, given: BeepEnded) -> None:
        _at_least(self._walk.command_frame, given.frame, given)
        self._walk.move(Step.BEEP_ENDED)
        self._walk.arm(given.frame, given.frame)
        self._walk.to(self.judged)

    def _beep_failed(self, given: BeepFailed) -> None:
        self._fail(EndReason.START_FAILED, given.message)

    def _start_refused(self, given: StartRefused) -> None:
        self._fail(EndReason.START_FAILED, given.message)

    def _input_ended(self, given: InputEnded) -> None:
        self._judge(given.frame)
        self._walk.to(given.frame)
        if not self.ended:
            self._walk.put(CallEnded(given.frame))
            self._walk.to_the_last(given.frame)

    def _grace_expired(self, given: GraceExpired) -> None:
        self._judge(given.frame)
        self._walk.to(given.frame)
        if not self.ended:
            self._walk.to_the_last(given.frame)
        if not self.ended:
            self._fail(EndReason.DEVICE_LOST, "no audio came back from the device in time")

    def _audio_missed(self, given: AudioMissed) -> None:
        _at_least(0, given.file_frame, given)
        _at_least(1, given.frames, given)
        _at_least(given.file_frame + given.frames, self.frames, given)
        self._walk.contents.note_gap(given.file_frame, given.frames)
        if self._walk.ending is not None and self._walk.ending.kept:
            self._walk.tell_gaps(self._walk.ending)

    def _writer_failed(self, given: WriterFailed) -> None:
        if given.reason not in {"disk_full", "write_error"}:
            raise IllegalInput(f"{given}: no such reason")
        if not self._walk.opened:
            raise IllegalInput(f"{given}: there is no file")
        _at_least(0, given.frames, given)
        _at_least(given.frames, self.frames, given)
        ending = self._walk.ending
        if ending is None or (ending.kept and ending.reason not in _WRITER_FAULTS):
            self._walk.contents.settle(given.frames)
            self._fail(EndReason(given.reason), given.message)

    def _abandoned(self, given: Abandoned) -> None:
        if given.reason not in {"shutdown", "interrupted"}:
            raise IllegalInput(f"{given}: no such reason")
        _at_least(0, given.frames, given)
        _at_least(0, given.told, given)
        self._walk.give_up(EndReason(given.reason), given.frames, given.told)

    def _fail(self, reason: EndReason, message: str) -> None:
        """End with an error, told at the last frame that is known; without a first frame it is `start_failed`."""
        if self.state in UNBEGUN:
            self._walk.at = max(self._walk.at, self.judged)
            reason = EndReason.START_FAILED
        self._walk.end(reason, message=message)

    def save(self) -> dict[str, Any]:
        """All of it as JSON; `load` goes on from there, after the same inputs with the same actions."""
        return {
            "layout": LAYOUT,
            "judged": self.judged,
            "voice_told": self._voice_told,
            "gaps_told": self._gaps_told,
            "walk": self._walk.save(),
        }

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> Self:
        """The machine that `save` wrote. ValueError: another version wrote it."""
        if saved.get("layout") != LAYOUT:
            raise ValueError(f"a recording's state of layout {saved.get('layout')}, where {LAYOUT} is known")
        walk = Walk.load(saved["walk"])
        machine = cls(walk.plan, walk.command_frame)
        machine.judged = saved["judged"]
        machine._voice_told = (saved["voice_told"][0], saved["voice_told"][1])
        machine._gaps_told = saved["gaps_told"]
        machine._walk = walk
        return machine

    _TAKE: ClassVar[Mapping[type[Input], Callable[["Machine", Any], None]]] = {
        AudioJudged: _audio_judged,
        VoiceStarted: _voice_changed,
        VoiceEnded: _voice_changed,
        DigitHeard: _digit,
        DigitSent: _digit,
        GapFound: _gap_found,
        BeepEnded: _beep_ended,
        BeepFailed: _beep_failed,
        StartRefused: _start_refused,
        PauseAsked: _command,
        ResumeAsked: _command,
        StopAsked: _command,
        CallEnded: _command,
        InputEnded: _input_ended,
        GraceExpired: _grace_expired,
        AudioMissed: _audio_missed,
        WriterFailed: _writer_failed,
        Abandoned: _abandoned,
    }


def _at_least(floor: int, value: int, given: Input) -> None:
    if value < floor:
        raise IllegalInput(f"{given}: {value} is below {floor}")
