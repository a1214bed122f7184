"""What a line's machines were given and cannot compute again from the audio: commands, beeps, expired graces."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Input:
    """One input: `number` counts per line, `frame` is the line's in the ring of that epoch, `body` is JSON."""

    number: int
    ring_epoch: int
    frame: int
    kind: str
    body: dict[str, Any]


def append(connection: sqlite3.Connection, line: str, given: Input) -> None:
    """Add one. sqlite3.IntegrityError: the line has an input of that number."""
    connection.execute(
        "INSERT INTO inputs (line, number, ring_epoch, frame, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
        (line, given.number, str(given.ring_epoch), given.frame, given.kind, json.dumps(given.body)),
    )


def after(connection: sqlite3.Connection, line: str, number: int) -> list[Input]:
    """Give the line's inputs numbered above `number`, in order."""
    rows = connection.execute("SELECT * FROM inputs WHERE line = ? AND number > ? ORDER BY number", (line, number))
    return [
        Input(row["number"], int(row["ring_epoch"]), row["frame"], row["kind"], json.loads(row["body"])) for row in rows
    ]


def prune(connection: sqlite3.Connection, line: str, through: int) -> None:
    """Forget the line's inputs up to `through`, but never the newest: its number goes on counting."""
    connection.execute(
        "DELETE FROM inputs WHERE line = :line AND number <= :through"
        " AND number < (SELECT max(number) FROM inputs WHERE line = :line)",
        {"line": line, "through": through},
    )
