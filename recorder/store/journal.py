"""The events told, in order, under a cursor that never goes back."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `body` is the JSON text that every transport carries; `at` in Unix seconds."""

    event_id: str
    recording_id: str
    seq: int
    body: str
    at: float


def append(connection: sqlite3.Connection, event: Event) -> int | None:
    """Add the event and give its cursor; None when an event of this id is there: the first one stands."""
    added = connection.execute(
        "INSERT INTO events (event_id, recording_id, seq, body, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (event_id) DO NOTHING RETURNING cursor",
        (event.event_id, event.recording_id, event.seq, event.body, event.at),
    ).fetchone()
    return None if added is None else int(added["cursor"])


def get(connection: sqlite3.Connection, event_id: str) -> Event | None:
    """Give the event of that id, None if there is none."""
    row = connection.execute("SELECT * FROM events WHERE event_id = ?", (event_id,)).fetchone()
    return None if row is None else _event(row)


def after(connection: sqlite3.Connection, cursor: int, limit: int) -> list[tuple[int, Event]]:
    """Give (cursor, event) of the events above `cursor`, oldest first, `limit` at most."""
    rows = connection.execute("SELECT * FROM events WHERE cursor > ? ORDER BY cursor LIMIT ?", (cursor, limit))
    return [(row["cursor"], _event(row)) for row in rows]


def of_recording(connection: sqlite3.Connection, recording_id: str) -> list[Event]:
    """Give the events of one recording, by seq."""
    rows = connection.execute("SELECT * FROM events WHERE recording_id = ? ORDER BY seq", (recording_id,))
    return [_event(row) for row in rows]


def last_cursor(connection: sqlite3.Connection) -> int:
    """Give the cursor of the newest event ever told, pruned or not; 0 before the first."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return 0 if row is None else int(row["seq"])


def prune(connection: sqlite3.Connection, before: float) -> None:
    """Forget the events, and their deliveries, that were told and settled everywhere before that moment."""
    connection.execute(
        "DELETE FROM events WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM deliveries d"
        " WHERE d.cursor = events.cursor AND (d.state = 'pending' OR d.settled_at >= ?1))",
        (before,),
    )


def _event(row: sqlite3.Row) -> Event:
    return Event(row["event_id"], row["recording_id"], row["seq"], row["body"], row["at"])
