"""Recordings a page at a time, newest first."""

import sqlite3
from dataclasses import dataclass, fields

from recorder.store.recordings import Recording, of_row


@dataclass(frozen=True, slots=True)
class Filter:
    """What a listed recording must be; None asks nothing. `since` and `until` bound created_at, Unix seconds."""

    line: str | None = None
    call_id: str | None = None
    state: str | None = None
    end_reason: str | None = None
    since: float | None = None
    until: float | None = None


_CONDITIONS = {name: f"{name} = :{name}" for name in ("line", "call_id", "state", "end_reason")}
_CONDITIONS |= {"since": "created_at >= :since", "until": "created_at < :until"}


def page(
    connection: sqlite3.Connection, wanted: Filter, *, before: str | None = None, limit: int = 50
) -> list[Recording]:
    """Give the newest recordings that fit, older than that of id `before`: a page's last id asks for the next page."""
    given = {column.name: getattr(wanted, column.name) for column in fields(wanted)}
    conditions = [_CONDITIONS[name] for name, value in given.items() if value is not None]
    if before is not None:
        conditions.append("recording_id < :before")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(
        f"SELECT * FROM recordings {where} ORDER BY recording_id DESC LIMIT :limit",  # noqa: S608 # because the conditions are ours, their values bound
        given | {"before": before, "limit": limit},
    )
    return [of_row(row) for row in rows]
