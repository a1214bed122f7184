"""How long to wait before the next connection."""

import random
from dataclasses import dataclass

FIRST_S, LONGEST_S = 0.5, 30.0
TWIN_S = 60.0  # between two boxes that take one session from each other


@dataclass(frozen=True, slots=True)
class Loss:
    """Why there is no connection. `taken_over`: the broker gave our session to another client of the same name."""

    why: str
    taken_over: bool = False


class Pace:
    """Doubles the wait with each connection that fails or lives shorter than `steady_s`, up to LONGEST_S."""

    def __init__(self, steady_s: float, chance: random.Random | None = None) -> None:
        self._steady_s = steady_s
        self._chance = chance or random.Random()  # noqa: S311 # because it is jitter, and no secret
        self._wait_s = FIRST_S

    def after(self, loss: Loss, lived_s: float) -> float:
        """The wait after a connection that lived so long; jitter takes up to half of it, so that boxes don't march."""
        if loss.taken_over:
            return TWIN_S
        if lived_s >= self._steady_s:
            self._wait_s = FIRST_S
        wait, self._wait_s = self._wait_s, min(2 * self._wait_s, LONGEST_S)
        return wait * self._chance.uniform(0.5, 1.0)
