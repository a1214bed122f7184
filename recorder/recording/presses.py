"""One key press, seen twice.

A digit can reach us as a tone in the audio and, out of band, as a packet. Both within 500 ms are one press of the key,
in either order, and the press counts where it was seen first. That matters when the first sighting did nothing, since
the recording was not armed yet or was paused: then the second does nothing either.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from recorder.recording.inputs import DigitHeard, DigitSent


@dataclass(slots=True)
class KeyPresses:
    """Sightings that are still without their twin, each of which can be at most `window` frames away."""

    window: int
    alone: list[DigitHeard | DigitSent] = field(default_factory=list)

    def is_new(self, seen: DigitHeard | DigitSent) -> bool:
        """Whether this is a press of its own. Sightings come by the frame at which they would end a file."""
        self.alone = [other for other in self.alone if seen.frame - other.frame <= self.window]
        for other in self.alone:
            if type(other) is not type(seen) and other.digit == seen.digit:
                self.alone.remove(other)
                return False
        self.alone.append(seen)
        return True

    def save(self) -> list[Any]:
        """As JSON; `load` takes it back."""
        return [[isinstance(seen, DigitSent), seen.digit, seen.frame] for seen in self.alone]

    @classmethod
    def load(cls, window: int, saved: list[Any]) -> Self:
        """What `save` wrote."""
        return cls(window, [(DigitSent if sent else DigitHeard)(digit, frame) for sent, digit, frame in saved])
