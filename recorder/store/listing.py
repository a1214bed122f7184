"""Recordings a page at a time, newest first."""

import sqlite3
from dataclasses import dataclass, fields

from recorder.store.recordings import Recording, of_row


@dataclass(frozen=True, slots=True)
class Filter:
    """What a listed recording must be; None asks nothing. `since` and `until` bound created_at, Unix seconds.

    `erased`: those that were erased, instead of those that were not.
    """

    line: str | None = None
    call_id: str | None = None
    state: str | None = None
    end_reason: str | None = None
    since: float | None = None
    until: float | None = None
    erased: bool = False


_CONDITIONS = {name: f"{name} = :{name}" for name in ("line", "call_id", "state", "end_reason")}
_CONDITIONS |= {"since": "created_at >= :since", "until": "created_at < :until"}
_CONDITIONS |= {"erased": "(erased_at IS NOT NULL) = :erased"}


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
    conditions = [_CONDITIONS[name] for name, value in given.items() if value is not None]
    bounds = {"before": ("recording_id < :before", before), "after": ("recording_id > :after", after)}
    conditions += [condition for condition, value in bounds.values() if value is not None]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = "DESC" if after is None else "ASC"
    rows = connection.execute(
        f"SELECT * FROM recordings {where} ORDER BY recording_id {order} LIMIT :limit",  # noqa: S608 # because the conditions are ours, their values bound
        given | {"before": before, "after": after, "limit": limit},
    )
    found = [of_row(row) for row in rows]
    return found if after is None else found[::-1]
