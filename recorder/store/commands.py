"""Commands already answered: a command_id that comes again gets its first answer again."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """A command's answer (JSON) and the hash of the body that it answered; `at` in Unix seconds."""

    command_id: str
    body_hash: str
    answer: str
    at: float


def remember(connection: sqlite3.Connection, answered: Answered) -> None:
    """Keep the answer, in place of an older one of that command_id."""
    connection.execute(
        "INSERT OR REPLACE INTO commands (command_id, body_hash, answer, at) VALUES (?, ?, ?, ?)",
        (answered.command_id, answered.body_hash, answered.answer, answered.at),
    )


def get(connection: sqlite3.Connection, command_id: str) -> Answered | None:
    """Give the answer of that command_id, None if it is new or forgotten."""
    row = connection.execute("SELECT * FROM commands WHERE command_id = ?", (command_id,)).fetchone()
    return None if row is None else Answered(**dict(row))


def since(connection: sqlite3.Connection, at: float) -> list[Answered]:
    """Give what was answered since that moment, the oldest first."""
    rows = connection.execute("SELECT * FROM commands WHERE at >= ? ORDER BY at", (at,))
    return [Answered(**dict(row)) for row in rows]


def prune(connection: sqlite3.Connection, before: float) -> None:
    """Forget what was answered before that moment."""
    connection.execute("DELETE FROM commands WHERE at < ?", (before,))
