"""The walk over the judged frames: from one frame at which something happens to the next, as states.py says."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Self

from recorder.contract.commands import PauseBehavior
from recorder.recording.actions import (
    Action,
    AppendFrames,
    AppendSilence,
    CloseFile,
    CutBeep,
    Ending,
    OpenFile,
    SoundWarning,
    TellState,
)
from recorder.recording.agenda import Agenda
from recorder.recording.contents import Contents
from recorder.recording.inputs import (
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    Waiting,
)
from recorder.recording.plan import Plan
from recorder.recording.presses import KeyPresses
from recorder.recording.states import TABLE, UNBEGUN, EndReason, State, Step
from recorder.recording.timers import NEVER, Timers


class Walk:
    """One recording as it is at frame `at`: everything below is decided. What it wants done gathers in `actions`."""

    def __init__(self, plan: Plan, command_frame: int) -> None:
        self.plan = plan
        self.command_frame = command_frame
        self.state = State.BEEPING if plan.beep else State.WAITING
        self.at = 0
        self.first = self.armed = NEVER  # the first frame of the file; that from which voice and digits count
        self.actions: list[Action] = []
        self.contents = Contents()
        self.ending: Ending | None = None
        self.opened = False
        self.seq = 0
        self._next = NEVER  # the next frame at which something happens
        self._behavior: PauseBehavior | None = None  # of the pause under way, or put off to the first frame
        self._voice = False
        self._gap_end = 0
        self._agenda = Agenda()
        self._presses = KeyPresses(plan.same_press)
        self._timers = Timers(plan)

    def arm(self, first: int, armed: int) -> None:
        """The file begins at `first`; from `armed` on, voice and digits count."""
        self.first, self.armed = first, armed
        held = self._agenda.take()
        self._agenda.add(first, None)
        self._agenda.add(armed, None)
        for given in held:  # a digit's place depends on the armed frame
            self._agenda.add(self.place_of(given), given)
        self._schedule()

    def place_of(self, given: Waiting) -> int:
        """The frame at which `given` takes effect: a tone's is where it cuts the file, but not before the armed one."""
        match given:
            case GapFound():
                return given.start
            case DigitHeard():
                return max(given.frame - self.plan.lead, self.armed if given.frame >= self.armed else 0)
        return given.frame

    def put(self, given: Waiting) -> None:
        """Let `given` wait for its frame, which must not be below `at`."""
        self._agenda.add(self.place_of(given), given)
        self._schedule()

    def open(self) -> None:
        """Have the file made, the first time."""
        if not self.opened:
            self.opened = True
            self.actions.append(OpenFile())

    def to(self, frame: int) -> None:
        """Decide every frame below `frame`. While the end of the beep is unknown, only the end of the recording."""
        while self._next < frame:
            self._step(self._next)
        if self.ending is None and self.state is not State.BEEPING:
            self._go(frame)

    def to_the_last(self, frame: int) -> None:
        """Decide as if what still waits came at `frame`, behind which there is no audio; timers stand still."""
        self.at = frame
        while self.ending is None and self._agenda.next_frame != NEVER:
            self._decide(self._agenda.take(self._agenda.next_frame), None)

    def move(self, step: Step) -> None:
        """Take a step that does not end the recording, and tell of it if it is one that is told."""
        self.state = TABLE[self.state][step]
        if self.state not in UNBEGUN:
            self._tell(pause_behavior=self._behavior if self.state is State.PAUSED else None)

    def end(
        self,
        reason: EndReason,
        *,
        digit: str | None = None,
        message: str | None = None,
        step: Step | None = None,
    ) -> None:
        """End here and now, or end otherwise after all. `step`: what the table calls it, where it is not the reason."""
        if self.state in UNBEGUN:
            self.at = max(self.at, self.command_frame)
            if self.plan.beep:
                self.actions.append(CutBeep())
        self.state = TABLE[self.state][step or reason]
        frames = self.contents.frames
        kept = frames > 0 and (self.state is not State.NO_INPUT or self.plan.keep_no_input)
        if self.opened:
            self.actions.append(CloseFile(frames, kept))
        if self.ending is not None:
            self.seq -= 1
        first, behind = self.contents.span if frames else (self.at, self.at)
        listened = self.state is State.NO_INPUT and not kept
        duration = self.plan.initial_timeout if listened else frames
        self.ending = Ending(reason, duration, first, behind, kept, self.contents.gaps, digit, message)
        self._tell()
        self._next = NEVER

    def tell_gaps(self, ending: Ending) -> None:
        """Tell the end again, with the gaps that are known now."""
        self.ending = replace(ending, gaps=self.contents.gaps)
        self.seq -= 1
        self._tell()

    def give_up(self, reason: EndReason, frames: int, told: int) -> None:
        """End with the file as it is on disk; `told` states have been told."""
        self.seq = max(self.seq, told)
        if frames == 0:
            self.contents.settle(0)
            self.end(EndReason.INTERRUPTED, message="no audio reached the disk", step=Step.NOTHING_LEFT)
            return
        if self.contents.frames == 0:  # this is older than the file
            self.contents.append(self.command_frame if self.first == NEVER else self.first, 0)
        self.contents.settle(frames)
        self.at = max(self.at, self.contents.span[1])
        self.opened = True
        self.end(reason)

    def _step(self, frame: int) -> None:
        self._go(frame)
        if self.state is State.WAITING and frame == self.first:
            self.move(Step.FIRST_FRAME)
            if self._behavior is not None:
                self.move(Step.PAUSE)
        self._decide(self._agenda.take(frame), self._timers.limit_at(frame))
        if self.ending is None:
            if self._timers.warns_at(frame) and self.state is State.RECORDING:
                self.actions.append(SoundWarning(frame))
            self._set_timers()
            self._schedule()

    def _go(self, frame: int) -> None:
        """Let the file grow up to `frame`; on the way there nothing happens."""
        at, frames = self.at, frame - self.at
        self.at = frame
        if frames == 0:
            return
        if self.state is State.RECORDING:
            file_frame = self.contents.append(at, frames)
            if at < self._gap_end:
                self.contents.note_gap(file_frame, frames)
                self.actions.append(AppendSilence(file_frame, frames))
            else:
                self.actions.append(AppendFrames(file_frame, at, frames))
        elif self.state is State.PAUSED and self._behavior == "silence":
            self.actions.append(AppendSilence(self.contents.append(at, frames), frames))

    def _decide(self, due: list[Waiting], limit: EndReason | None) -> None:
        """What is due at one frame: an end, or else all of it. A resume comes before an end at its frame."""
        paused = self._paused_after(due)
        reason, digit = self._asked(due, paused=paused) or (limit, None)
        if reason is None or (self.state is State.PAUSED and not paused):
            for given in due:
                self._apply(given)
        if reason is not None:
            self.end(reason, digit=digit)

    def _paused_after(self, due: list[Waiting]) -> bool:
        paused = self._behavior is not None
        for given in due:
            if isinstance(given, PauseAsked | ResumeAsked):
                paused = isinstance(given, PauseAsked)
        return paused

    def _asked(self, due: list[Waiting], *, paused: bool) -> tuple[EndReason, str | None] | None:
        """The end that a command or a key press asks for; `due` has them in the order of ties."""
        listening = self.state not in UNBEGUN and not paused
        for given in due:
            match given:
                case StopAsked():
                    return EndReason.STOP_COMMAND, None
                case CallEnded():
                    return EndReason.CALL_ENDED, None
                case DigitHeard() | DigitSent():
                    if self._presses.is_new(given) and listening and given.frame >= self.armed:
                        return EndReason.TERMINATOR, given.digit
        return None

    def _apply(self, given: Waiting) -> None:
        match given:
            case VoiceStarted() | VoiceEnded():
                self._voice = isinstance(given, VoiceStarted)
            case GapFound(start, frames):
                self._gap_end = start + frames
                self._agenda.add(self._gap_end, None)
            case PauseAsked(_, behavior) if self._behavior is None:
                self._behavior = behavior
                if self.state is State.RECORDING:
                    self.move(Step.PAUSE)
            case ResumeAsked():
                self._behavior = None
                if self.state is State.PAUSED:
                    self._timers.resumed()
                    self.move(Step.RESUME)

    def _set_timers(self) -> None:
        recording = self.state is State.RECORDING
        self._timers.set(
            self.at,
            begun=self.state not in UNBEGUN,
            growing=recording or (self.state is State.PAUSED and self._behavior == "silence"),
            listening=recording and self.at >= max(self.armed, self._gap_end),
            voice=self._voice,
        )

    def _schedule(self) -> None:
        beeping = self.state is State.BEEPING
        self._next = self._agenda.next_end if beeping else min(self._agenda.next_frame, self._timers.next_due)

    def _tell(self, pause_behavior: PauseBehavior | None = None) -> None:
        self.actions.append(TellState(self.seq, self.state, self.at, pause_behavior, self.ending))
        self.seq += 1

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "plan": self.plan.save(),
            "command_frame": self.command_frame,
            "state": self.state.value,
            "at": self.at,
            "first": self.first,
            "armed": self.armed,
            "contents": self.contents.save(),
            "ending": self.ending and asdict(self.ending),
            "opened": self.opened,
            "seq": self.seq,
            "behavior": self._behavior,
            "voice": self._voice,
            "gap_end": self._gap_end,
            "agenda": self._agenda.save(),
            "presses": self._presses.save(),
            "timers": self._timers.save(),
        }

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> Self:
        """What `save` wrote."""
        plan = Plan(**saved["plan"])
        walk = cls(plan, saved["command_frame"])
        walk.state = State(saved["state"])
        walk.at, walk.first, walk.armed = saved["at"], saved["first"], saved["armed"]
        walk.contents = Contents.load(saved["contents"])
        ending = saved["ending"]
        if ending is not None:
            walk.ending = Ending(**ending | {"reason": EndReason(ending["reason"]), "gaps": walk.contents.gaps})
        walk.opened = saved["opened"]
        walk.seq = saved["seq"]
        walk._behavior = saved["behavior"]
        walk._voice = saved["voice"]
        walk._gap_end = saved["gap_end"]
        walk._agenda = Agenda.load(saved["agenda"])
        walk._presses = KeyPresses.load(plan.same_press, saved["presses"])
        walk._timers = Timers.load(plan, saved["timers"])
        walk._schedule()
        return walk
