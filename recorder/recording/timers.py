"""The timers of a recording. Each counts the frames in which its condition holds, and is known by when it falls due."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from recorder.recording.plan import Plan
from recorder.recording.states import EndReason

NEVER = 1 << 62  # a frame that no line reaches


@dataclass(slots=True)
class Countdown:
    """`span` frames (0: off), of which `left` are to go. It falls due at frame `due`: NEVER while it stands still."""

    span: int
    left: int
    due: int = NEVER

    def run(self, at: int, *, on: bool) -> None:
        """From frame `at` on, run or stand still."""
        if on and self.due == NEVER and self.span:
            self.due = at + self.left
        elif not on and self.due != NEVER:
            self.left = self.due - at
            self.due = NEVER

    def start_anew(self) -> None:
        """Have the whole span to go again, and stand still."""
        self.left = self.span
        self.due = NEVER


class Timers:
    """What ends a recording by time, and the warning tone.

    | timer | runs | |
    |---|---|---|
    | length | while the file grows | max_length |
    | cap | from the first frame on, whatever happens | the config's cap |
    | patience | while listening, before the first speech | initial_timeout |
    | quiet | while listening, in silence after speech; anew after each speech and pause | end_silence_timeout |
    | warning | while listening; again and again | beep_interval |

    Listening is: recording, armed, and not in a gap. So a pause or a gap holds patience and warning, and both go on
    with what was left.
    """

    def __init__(self, plan: Plan) -> None:
        self._spoken = False
        self._length = Countdown(plan.max_length, plan.max_length)
        self._cap = Countdown(plan.cap, plan.cap)
        self._quiet = Countdown(plan.end_silence, plan.end_silence)
        self._patience = Countdown(plan.initial_timeout, plan.initial_timeout)
        self._warning = Countdown(plan.beep_interval, plan.beep_interval)
        self._limits = (
            (self._length, EndReason.MAX_LENGTH),
            (self._cap, EndReason.MAX_LENGTH),
            (self._quiet, EndReason.END_SILENCE),
            (self._patience, EndReason.INITIAL_TIMEOUT),
        )

    def set(self, at: int, *, begun: bool, growing: bool, listening: bool, voice: bool) -> None:
        """From frame `at` on, this is so; there must be such a frame."""
        if listening and voice:
            self._spoken = True
            self._quiet.start_anew()
        silent = listening and not voice
        self._length.run(at, on=growing)
        self._cap.run(at, on=begun)
        self._patience.run(at, on=silent and not self._spoken)
        self._quiet.run(at, on=silent and self._spoken)
        self._warning.run(at, on=listening)

    def resumed(self) -> None:
        """A pause is over: the silence before it does not count."""
        self._quiet.start_anew()

    @property
    def next_due(self) -> int:
        """The earliest frame at which one falls due, or NEVER."""
        return min(self._length.due, self._cap.due, self._quiet.due, self._patience.due, self._warning.due)

    def limit_at(self, frame: int) -> EndReason | None:
        """The end that falls due at `frame`; the first by the order of ties."""
        return next((reason for timer, reason in self._limits if timer.due == frame), None)

    def warns_at(self, frame: int) -> bool:
        """Whether the warning falls due at `frame`; if so, it starts anew."""
        due = self._warning.due == frame
        if due:
            self._warning.start_anew()
        return due

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "spoken": self._spoken,
            "left": [timer.left for timer in self._all],
            "due": [timer.due for timer in self._all],
        }

    @classmethod
    def load(cls, plan: Plan, saved: Mapping[str, Any]) -> Self:
        """What `save` wrote."""
        timers = cls(plan)
        timers._spoken = saved["spoken"]
        for timer, left, due in zip(timers._all, saved["left"], saved["due"], strict=True):
            timer.left, timer.due = left, due
        return timers

    @property
    def _all(self) -> tuple[Countdown, ...]:
        return self._length, self._cap, self._quiet, self._patience, self._warning
