"""How a one-shot recording shows itself: events as JSON lines, and on a terminal a meter."""

from typing import Protocol

FLOOR_DBFS = -60.0


class Display(Protocol):
    """Where a one-shot recording shows itself."""

    def event(self, text: str) -> None:
        """One event, as JSON text."""

    def heard(self, level_dbfs: float, seconds: float, state: str) -> None:
        """The level just heard, the time recorded, the state told last."""

    def close(self) -> None:
        """Nothing more comes."""


class Lines:
    """Events as JSON lines and nothing else, for programs."""

    def event(self, text: str) -> None:
        """Print it."""
        print(text, flush=True)

    def heard(self, level_dbfs: float, seconds: float, state: str) -> None:
        """Programs don't watch meters."""

    def close(self) -> None:
        """Nothing to be undone."""


def level_dbfs(blocks: bytes) -> float:
    """The loudest level in an ear's blocks of one party: their sixth byte is -dBFS x 2."""
    return max(FLOOR_DBFS, -min(blocks[5::6], default=255) / 2)
