"""A recording, slowly: every frame of the line looked at for itself, all inputs known beforehand.

It is the machine's measure and shares nothing with it but the inputs: no timers, no waiting, no order of arrival. What
holds in a frame is worked out frame by frame, each possible end is found on its own, and the earliest is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recorder.recording.inputs import (
    AudioJudged,
    BeepEnded,
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    GraceExpired,
    Input,
    InputEnded,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
)
from recorder.recording.plan import Plan

TIES = ["stop_command", "call_ended", "terminator", "max_length", "end_silence", "initial_timeout"]
AFTER_ALL = 1 << 40


@dataclass
class Outcome:
    """`told` is (state, frame, behavior, end_reason, digit); a file frame is a line frame, or None for silence."""

    told: list[tuple[str, int, str | None, str | None, str | None]]
    file: list[int | None]
    warnings: list[int]
    gap_frames: list[int]  # in file frames


@dataclass(frozen=True)
class End:
    frame: int
    reason: str
    digit: str = ""

    def order(self) -> tuple[int, int, str]:
        return self.frame, TIES.index(self.reason), self.digit


class Model:
    def __init__(self, plan: Plan, command: int, first: int, given: Sequence[Input]) -> None:
        self.plan = plan
        self.command = command
        self.given = given
        beep_ends = self.frames_of(BeepEnded)
        self.start = first if not plan.beep else (beep_ends or [AFTER_ALL])[0]
        self.armed = command if not plan.beep else self.start
        self.stops = [i for i in given if isinstance(i, InputEnded | GraceExpired)]
        self.last = self.stops[-1].frame if self.stops else AFTER_ALL
        self.judged = self.last if self.stops else max([i.to for i in given if isinstance(i, AudioJudged)], default=0)

    def frames_of(self, *kinds: type[Input]) -> list[int]:
        return [i.frame for i in self.given if isinstance(i, kinds)]

    def behavior(self, frame: int) -> str | None:
        """How the recording is paused in that frame of the line, if it is."""
        behavior: str | None = None
        commands = [i for i in self.given if isinstance(i, PauseAsked | ResumeAsked) and i.frame <= frame]
        for command in sorted(commands, key=lambda i: i.frame):
            if isinstance(command, ResumeAsked):
                behavior = None
            elif behavior is None:
                behavior = command.behavior
        return behavior

    def changes(self, frame: int) -> list[str | None]:
        """The behaviors that the commands at `frame` lead to, one after the other; None is recording."""
        now = self.behavior(frame - 1)
        seen = []
        for command in self.given:
            if isinstance(command, PauseAsked) and command.frame == frame and now is None:
                now = command.behavior
                seen.append(now)
            elif isinstance(command, ResumeAsked) and command.frame == frame and now is not None:
                now = None
                seen.append(now)
        return seen

    def voice(self, frame: int) -> bool:
        return len([f for f in self.frames_of(VoiceStarted, VoiceEnded) if f <= frame]) % 2 == 1

    def in_gap(self, frame: int) -> bool:
        return any(i.start <= frame < i.start + i.frames for i in self.given if isinstance(i, GapFound))

    def in_file(self, frame: int) -> bool:
        return frame >= self.start and self.behavior(frame) != "skip"

    def listening(self, frame: int) -> bool:
        return frame >= max(self.start, self.armed) and self.behavior(frame) is None and not self.in_gap(frame)

    def place(self, seen: DigitHeard | DigitSent) -> int:
        """Where a sighting ends the file."""
        if isinstance(seen, DigitSent):
            return seen.frame
        return max(seen.frame - self.plan.lead, self.armed if seen.frame >= self.armed else 0)

    def presses(self) -> list[DigitHeard | DigitSent]:
        """Each key press once, where it was seen first."""
        kinds = [i for i in self.given if isinstance(i, DigitHeard | DigitSent) and i.digit in self.plan.terminators]
        kinds.sort(key=lambda i: (self.place(i), i.digit, isinstance(i, DigitSent)))
        firsts: list[DigitHeard | DigitSent] = []
        twins: set[int] = set()
        for seen in kinds:
            for n, other in enumerate(firsts):
                near = abs(seen.frame - other.frame) <= self.plan.same_press
                if n not in twins and type(other) is not type(seen) and other.digit == seen.digit and near:
                    twins.add(n)
                    break
            else:
                firsts.append(seen)
        return firsts

    def by_command(self) -> list[End]:
        ends = [End(f, "stop_command") for f in self.frames_of(StopAsked)]
        ends += [End(f, "call_ended") for f in self.frames_of(CallEnded)]
        if self.start < self.judged:
            ends += [
                End(self.place(seen), "terminator", seen.digit)
                for seen in self.presses()
                if seen.frame >= self.armed and self.behavior(self.place(seen)) is None
            ]
        return ends

    def by_time(self) -> list[End]:
        ends = []
        in_file = waited = quiet = 0
        spoken = False
        for frame in range(self.start, self.judged):
            in_file += self.in_file(frame)
            if None in self.changes(frame):
                quiet = 0
            if self.listening(frame):
                spoken = spoken or self.voice(frame)
                waited += not spoken
                quiet = 0 if self.voice(frame) else quiet + 1
            if in_file == self.plan.max_length > 0 or frame + 1 - self.start == self.plan.cap:
                ends.append(End(frame + 1, "max_length"))
            if spoken and quiet == self.plan.end_silence > 0:
                ends.append(End(frame + 1, "end_silence"))
            if waited == self.plan.initial_timeout > 0 and not spoken:
                ends.append(End(frame + 1, "initial_timeout"))
        return ends

    def end(self) -> End | None:
        """The end, if there is one by now; its frame may lie behind the last, where nothing came any more."""
        decided = [e for e in self.by_command() + self.by_time() if e.frame < self.judged]
        late: list[End] = []
        if self.stops and isinstance(self.stops[-1], InputEnded):
            at_the_end = [e for e in self.by_command() if e.frame == self.last and e.reason == "stop_command"]
            late = [*at_the_end, End(self.last, "call_ended")]
        elif self.stops:
            late = self.by_command()
        ends = decided or late
        return min(ends, key=End.order) if ends else None

    def outcome(self) -> Outcome:
        end = self.end()
        edge = min(end.frame if end else AFTER_ALL, self.judged)
        told: list[tuple[str, int, str | None, str | None, str | None]] = []
        begun = self.start < self.judged and (end is None or end.frame >= self.start)
        if begun:
            told.append(("recording", self.start, None, None, None))
            if (wish := self.behavior(self.start - 1)) is not None:
                told.append(("paused", self.start, wish, None, None))
            last = self.last_change(end)
            for frame in range(self.start, last + 1):
                state = [
                    ("paused" if b else "recording", min(frame, self.last), b, None, None) for b in self.changes(frame)
                ]
                resumed = self.behavior(frame - 1) is not None and self.behavior(frame) is None
                if end is None or frame < end.frame or resumed:
                    told += state
        if self.stops and end is None:
            end = End(self.last, "device_lost" if begun else "start_failed")
        file: list[int | None] = []
        gap_frames: list[int] = []
        for frame in range(self.start, edge) if begun else ():
            if self.in_file(frame):
                if self.in_gap(frame) and self.behavior(frame) is None:
                    gap_frames.append(len(file))
                file.append(None if self.in_gap(frame) or self.behavior(frame) else frame)
        if end is not None:
            state = {"initial_timeout": "no_input", "device_lost": "error", "start_failed": "error"}.get(
                end.reason, "finished"
            )
            frame = min(end.frame, self.last) if begun else max(min(end.frame, self.last), self.command)
            told.append((state, frame, None, end.reason, end.digit or None))
        return Outcome(told, file, self.warnings(edge) if begun else [], gap_frames)

    def last_change(self, end: End | None) -> int:
        """The last frame whose commands are carried out."""
        if end is not None:
            return end.frame
        return max([*self.frames_of(PauseAsked, ResumeAsked), self.start]) if self.stops else self.judged - 1

    def warnings(self, edge: int) -> list[int]:
        listened = 0
        due = []
        for frame in range(self.start, edge):
            if listened and self.plan.beep_interval and listened % self.plan.beep_interval == 0:
                if self.behavior(frame) is None:
                    due.append(frame)
                listened = 0
            listened += self.listening(frame)
        return due
