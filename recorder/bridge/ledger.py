"""What the desk asks of the journal: to write all that one command does, with its answer, in one transaction."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Piece: TypeAlias = tuple[Callable[[sqlite3.Connection], Any], Callable[[Any], None]]


def nobody(_given: object) -> None:
    """Whom to tell of a piece that nobody waits for."""


@dataclass(slots=True)
class Together:
    """Pieces of one transaction: work, and who gets what it gives. `written` is done when they are on the disk."""

    pieces: list[Piece] = field(default_factory=list)
    written: asyncio.Future[list[Any]] | None = None

    def add(self, piece: Piece) -> None:
        """Add one piece."""
        self.pieces.append(piece)


class Ledger(Protocol):
    """The journal, seen from the desk."""

    def together(self) -> AbstractContextManager[Together]:
        """All that lines journal inside, and what is added, becomes one transaction at its end. No await inside."""

    async def flushed(self) -> None:
        """Returns when all that was given is written for good."""
