"""How long to wait before the next connection."""

import random
import time
from dataclasses import dataclass

FIRST_S, LONGEST_S = 0.5, 30.0
STEADY_S = 2.0  # a connection that lived so long was none that failed
TWIN_S = 60.0  # between two boxes that take one session from each other
TWIN_NOTED_S = 2.5 * TWIN_S  # each of two comes back, and sees the other, every 2 * TWIN_S


@dataclass(frozen=True, slots=True)
class Loss:
    """Why there is no connection. `taken_over`: the broker gave our session to another client of the same name."""

    why: str
    taken_over: bool = False


class Pace:
    """Doubles the wait with each connection that fails, up to LONGEST_S. Written by one thread, read by any."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311 # because it is jitter, and no secret
        self._wait_s = FIRST_S
        self._twin_until = 0.0

    @property
    def has_twin(self) -> bool:
        """Whether a second box with our name was there lately."""
        return time.monotonic() < self._twin_until

    def note_twin(self) -> None:
        """A second box with our name is there."""
        self._twin_until = time.monotonic() + TWIN_NOTED_S

    def after(self, loss: Loss, lived_s: float) -> float:
        """The wait after a connection that lived so long; jitter takes up to half of it, so that boxes don't march."""
        if loss.taken_over:
            self.note_twin()
        if lived_s and self.has_twin:
            return TWIN_S  # not every broker says why it ended a connection
        if lived_s >= STEADY_S:
            self._wait_s = FIRST_S
        wait, self._wait_s = self._wait_s, min(2 * self._wait_s, LONGEST_S)
        return wait * self._chance.uniform(0.5, 1.0)
