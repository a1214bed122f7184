"""Calls: stretches of time on a line. That one is live per line is the desk's rule, kept before it comes here."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Times are Unix seconds; `metadata` is flat strings; `made_up`: begun by a recording."""

    call_id: str
    line: str
    begun_at: float
    project_id: str = ""
    space_id: str = ""
    metadata: dict[str, str] | None = None
    made_up: bool = False
    ended_at: float | None = None


def begin(connection: sqlite3.Connection, call: Call) -> None:
    """Add a live call."""
    connection.execute(
        "INSERT INTO calls (call_id, line, project_id, space_id, metadata, made_up, begun_at, ended_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call.call_id,
            call.line,
            call.project_id,
            call.space_id,
            json.dumps(call.metadata or {}),
            call.made_up,
            call.begun_at,
            call.ended_at,
        ),
    )


def describe(
    connection: sqlite3.Connection, call_id: str, *, project_id: str, space_id: str, metadata: dict[str, str]
) -> bool:
    """Set what the live call carries; False if no such call is live."""
    changed = connection.execute(
        "UPDATE calls SET project_id = ?, space_id = ?, metadata = ? WHERE call_id = ? AND ended_at IS NULL",
        (project_id, space_id, json.dumps(metadata), call_id),
    )
    return changed.rowcount > 0


def end(connection: sqlite3.Connection, call_id: str, at: float) -> bool:
    """End the live call; False if no such call is live. Of one without recordings, or none left, metadata goes too."""
    changed = connection.execute(
        "UPDATE calls SET ended_at = ?, metadata = CASE WHEN EXISTS (SELECT 1 FROM recordings"
        " WHERE recordings.call_id = calls.call_id AND erased_at IS NULL) THEN metadata ELSE '{}' END"
        " WHERE call_id = ? AND ended_at IS NULL",
        (at, call_id),
    )
    return changed.rowcount > 0


def live(connection: sqlite3.Connection) -> list[Call]:
    """Give all live calls, in the order they began."""
    return [_call(row) for row in connection.execute("SELECT * FROM calls WHERE ended_at IS NULL ORDER BY number")]


def newest(connection: sqlite3.Connection, call_id: str) -> Call | None:
    """Give the newest call of that id, live or ended; None if there never was one."""
    row = connection.execute(
        "SELECT * FROM calls WHERE call_id = ? ORDER BY number DESC LIMIT 1", (call_id,)
    ).fetchone()
    return None if row is None else _call(row)


def _call(row: sqlite3.Row) -> Call:
    values: dict[str, Any] = dict(row)
    del values["number"]
    values["metadata"] = json.loads(values["metadata"])
    values["made_up"] = bool(values["made_up"])
    return Call(**values)
