"""What the line heard lately that a recording wants to know of although it began later, or reaches back by pre-roll."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from recorder.recording.inputs import DigitHeard, DigitSent, GapFound

KEPT_GAPS = 64  # as many as the ring logs


@dataclass(slots=True)
class Recent:
    """Digits of the last second and the last gaps of a line, oldest first."""

    digits: deque[DigitHeard | DigitSent] = field(default_factory=deque)
    gaps: list[GapFound] = field(default_factory=list)

    def note_digit(self, digit: DigitHeard | DigitSent, rate: int) -> None:
        """Keep a digit; those at the front that are more than a second older are forgotten."""
        while self.digits and self.digits[0].frame <= digit.frame - rate:
            self.digits.popleft()
        self.digits.append(digit)

    def fresh(
        self, digits: Iterable[tuple[int, str, str, int]], told: int, rate: int
    ) -> Iterator[tuple[int, str, int]]:
        """(party, digit, frame) of those begun that an earlier run was not told: below `told` it was told of all.

        Close behind that its ear may have been ahead of ours, and have placed the tone a little off.
        """
        for party, kind, digit, frame in digits:
            known = any(
                isinstance(kept, DigitHeard) and kept.digit == digit and abs(kept.frame - frame) <= rate // 20
                for kept in self.digits
            )
            if kind == "on" and frame >= told and not (party == 0 and known and frame < told + rate // 10):
                yield party, digit, frame

    def note_gap(self, gap: GapFound) -> None:
        """Keep a gap."""
        self.gaps = [*self.gaps[1 - KEPT_GAPS :], gap]

    def for_recording(
        self, first_frame: int, command_frame: int, same_press: int
    ) -> Iterator[DigitHeard | DigitSent | GapFound]:
        """What a machine is told ahead of its first audio: gaps in its pre-roll, and the latest key presses."""
        for gap in self.gaps:
            if gap.start + gap.frames > first_frame:
                start = max(gap.start, first_frame)
                yield GapFound(start, gap.start + gap.frames - start)
        for digit in self.digits:
            if digit.frame > command_frame - same_press:
                yield digit

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "digits": [[isinstance(kept, DigitSent), kept.digit, kept.frame] for kept in self.digits],
            "gaps": [[kept.start, kept.frames] for kept in self.gaps],
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Self:
        """What `save` wrote."""
        digits = deque((DigitSent if sent else DigitHeard)(digit, frame) for sent, digit, frame in state["digits"])
        return cls(digits, [GapFound(start, frames) for start, frames in state["gaps"]])
