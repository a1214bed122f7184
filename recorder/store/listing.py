"""Recordings a page at a time, newest first."""

import sqlite3
from dataclasses import dataclass, fields

from recorder.store.recordings import Recording, of_row


@dataclass(frozen=True, slots=True)
class Filter:
    """What a listed recording must be; None asks nothing. `since` and `until` bound created_at, Unix seconds.

    `held`: those that are protected from erasure. `erased`: those that were erased, instead of those that were not.
    """

    line: str | None = None
    call_id: str | None = None
    state: str | None = None
    end_reason: str | None = None
    since: float | None = None
    until: float | None = None
    held: bool | None = None
    erased: bool = False


_CONDITIONS = {name: f"{name} = :{name}" for name in ("line", "call_id", "state", "end_reason")}
_CONDITIONS |= {
    "since": "created_at >= :since",
    "until": "created_at < :until",
}
_CONDITIONS |= {"erased": "(erased_at IS NOT NULL) = :erased"}
_HELD = {True: "held_at IS NOT NULL", False: "held_at IS NULL"}
# SQLite, left to itself, would rather take two bounds of time than one line.
_INDEXES = {
    (): "recordings_listed",
    ("line",): "recordings_by_line",
    ("state",): "recordings_by_state",
    ("end_reason",): "recordings_by_reason",
    ("line", "state"): "recordings_by_line_state",
    ("line", "end_reason"): "recordings_by_line_reason",
    ("state", "end_reason"): "recordings_by_state_reason",
    ("line", "state", "end_reason"): "recordings_by_all",
}
_LATE_S = 5.0  # an order is written down that long at most after its id was made


def page(
    connection: sqlite3.Connection,
    wanted: Filter,
    *,
    before: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Recording]:
    """Give the newest recordings that fit, newest first.

    Those older than the one of id `before`: a page's last id asks for the next page. Or, of those newer than the one
    of id `after`, the oldest: a page's first id asks for the previous page.
    """
    given = {column.name: getattr(wanted, column.name) for column in fields(wanted)}
    conditions = [_CONDITIONS[name] for name, value in given.items() if name in _CONDITIONS and value is not None]
    conditions += [] if wanted.held is None else [_HELD[wanted.held]]
    # One bound on either side, as SQLite seeks by one and reads through what another would have left out.
    lower = max(filter(None, (after, first_id(wanted.since, -_LATE_S))), default=None)
    upper = min(filter(None, (before, first_id(wanted.until, _LATE_S))), default=None)
    bounds = {"recording_id > :lower": lower, "recording_id < :upper": upper}
    conditions += [condition for condition, value in bounds.items() if value is not None]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = "DESC" if after is None else "ASC"
    rows = connection.execute(
        f"SELECT * FROM recordings INDEXED BY {_index(wanted)} {where} ORDER BY recording_id {order} LIMIT :limit",  # noqa: S608 # because the conditions are ours, their values bound
        {**given, "lower": lower, "upper": upper, "limit": limit},
    )
    found = [of_row(row) for row in rows]
    return found if after is None else found[::-1]


def _index(wanted: Filter) -> str:
    """The index that leads straight to what fits."""
    if wanted.call_id is not None:
        return "recordings_by_call"
    if wanted.held:
        return "recordings_held"
    return _INDEXES[tuple(name for name in ("line", "state", "end_reason") if getattr(wanted, name) is not None)]


def first_id(unix_s: float | None, margin_s: float) -> str | None:
    """What sorts before every id made so long after that moment: ids are UUIDv7, which begin with the time in ms."""
    if unix_s is None:
        return None
    digits = f"{min(max(0, int((unix_s + margin_s) * 1000)), (1 << 48) - 1):012x}"
    return f"{digits[:8]}-{digits[8:]}"
