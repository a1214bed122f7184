"""What is to reach whom: one delivery for each event and destination.

The deliveries of one recording, door and url are a lane. A lane waits as one: what is behind a delivery that is to be
tried again is not due before it.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Door = Literal["mqtt", "webhook"]
State = Literal["pending", "done", "given_up"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. Times are Unix seconds; `refusals` are the attempts answered by a 4xx; `url` is "" for mqtt.

    `gone`: the receiver wants no more of the lane. `since`: from when the time for trying counts.
    """

    delivery: int
    cursor: int
    event_id: str
    recording_id: str
    line: str
    door: Door
    url: str
    receiver: str
    state: State
    attempts: int
    refusals: int
    gone: bool
    since: float
    next_at: float
    last_error: str | None
    settled_at: float | None


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to be tried, with the text of its event."""

    delivery: Delivery
    body: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an event of a recording goes."""

    door: Door
    url: str = ""
    receiver: str = ""


_SELECT = "SELECT d.*, e.event_id, e.body FROM deliveries d JOIN events e USING (cursor)"
_FIRST_OF_ITS_LANE = (
    "NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.recording_id = d.recording_id AND b.door = d.door"
    " AND b.url = d.url AND b.state = 'pending' AND b.delivery < d.delivery)"
)


def add(connection: sqlite3.Connection, cursor: int, recording_id: str, line: str, to: Destination, at: float) -> None:
    """Add the delivery of an event: due when its lane is; given up at once where the receiver wants no more of it."""
    lane = {"recording_id": recording_id, "door": to.door, "url": to.url}
    where = "recording_id = :recording_id AND door = :door AND url = :url"
    gone, waits = connection.execute(
        f"SELECT coalesce(max(gone), 0), max(next_at) FILTER (WHERE state = 'pending') FROM deliveries WHERE {where}",  # noqa: S608 # because the condition is ours, its values bound
        lane,
    ).fetchone()
    connection.execute(
        "INSERT INTO deliveries"
        " (cursor, recording_id, line, door, url, receiver, state, gone, since, next_at, last_error, settled_at)"
        " VALUES (:cursor, :recording_id, :line, :door, :url, :receiver, :state, :gone, :at, :next_at, :error, :ended)",
        {
            **lane,
            "cursor": cursor,
            "line": line,
            "receiver": to.receiver,
            "state": "given_up" if gone else "pending",
            "gone": gone,
            "at": at,
            "next_at": max(at, waits or at),
            "error": "the receiver wants no more events of this recording" if gone else None,
            "ended": at if gone else None,
        },
    )


def next_due(connection: sqlite3.Connection, door: Door, now: float, *, behind: int = 0, limit: int = 100) -> list[Due]:
    """Give what is pending at that door and due, with a number above `behind`, in the order of the events."""
    rows = connection.execute(
        f"{_SELECT} WHERE d.door = ? AND d.state = 'pending' AND d.next_at <= ? AND d.delivery > ?"
        " ORDER BY d.delivery LIMIT ?",
        (door, now, behind, limit),
    )
    return [_due(row) for row in rows]


def heads_due(
    connection: sqlite3.Connection,
    door: Door,
    receiver: str,
    now: float,
    *,
    skip: Collection[int],
    skip_urls: Collection[str],
    limit: int,
) -> list[Due]:
    """Give the first pending delivery of each lane to that receiver that is due, the longest due first."""
    skipped = f"d.delivery NOT IN ({_places(skip)}) AND d.url NOT IN ({_places(skip_urls)})"
    rows = connection.execute(
        f"{_SELECT} WHERE d.door = ? AND d.receiver = ? AND d.state = 'pending' AND d.next_at <= ?"
        f" AND {skipped} AND {_FIRST_OF_ITS_LANE} ORDER BY d.next_at, d.delivery LIMIT ?",
        (door, receiver, now, *skip, *skip_urls, limit),
    )
    return [_due(row) for row in rows]


def receivers_due(connection: sqlite3.Connection, door: Door, now: float) -> list[str]:
    """Give every receiver that something is due for."""
    rows = connection.execute(
        "SELECT DISTINCT receiver FROM deliveries WHERE door = ? AND state = 'pending' AND next_at <= ?", (door, now)
    )
    return [row["receiver"] for row in rows]


def next_at(connection: sqlite3.Connection, door: Door, now: float) -> float | None:
    """Give the moment after `now` at which the next one falls due, None if none waits."""
    row = connection.execute(
        "SELECT min(next_at) AS at FROM deliveries WHERE door = ? AND state = 'pending' AND next_at > ?", (door, now)
    ).fetchone()
    return None if row["at"] is None else float(row["at"])


def done(connection: sqlite3.Connection, delivery: int, now: float) -> None:
    """The receiver has it."""
    connection.execute(
        "UPDATE deliveries SET state = 'done', attempts = attempts + 1, last_error = NULL, settled_at = ?"
        " WHERE delivery = ?",
        (now, delivery),
    )


def failed(
    connection: sqlite3.Connection, delivery: int, error: str, retry_at: float, *, refused: bool = False
) -> None:
    """An attempt failed; it is due again at `retry_at`, and its lane with it."""
    connection.execute(
        "UPDATE deliveries SET attempts = attempts + 1, refusals = refusals + ?, last_error = ?"
        " WHERE delivery = ? AND state = 'pending'",
        (refused, error, delivery),
    )
    connection.execute(
        "UPDATE deliveries SET next_at = ?1 WHERE state = 'pending' AND (recording_id, door, url) ="
        " (SELECT recording_id, door, url FROM deliveries WHERE delivery = ?2)",
        (retry_at, delivery),
    )


def give_up(connection: sqlite3.Connection, delivery: int, error: str, now: float, *, gone: bool = False) -> None:
    """Stop trying; what is behind it in its lane is due. `gone`: the receiver wants no more, so that goes with it."""
    lane = "(recording_id, door, url) = (SELECT recording_id, door, url FROM deliveries WHERE delivery = :delivery)"
    given = {"delivery": delivery, "error": error, "now": now, "gone": gone}
    connection.execute(
        "UPDATE deliveries SET state = 'given_up', attempts = attempts + 1, gone = :gone, last_error = :error,"
        " settled_at = :now WHERE delivery = :delivery AND state = 'pending'",
        given,
    )
    if gone:
        connection.execute(
            "UPDATE deliveries SET state = 'given_up', gone = 1, last_error = :error, settled_at = :now"  # noqa: S608 # because the condition is ours, its values bound
            f" WHERE state = 'pending' AND {lane}",
            given,
        )
    else:
        connection.execute(
            f"UPDATE deliveries SET next_at = :now WHERE state = 'pending' AND next_at > :now AND {lane}",  # noqa: S608 # because the condition is ours, its values bound
            given,
        )


def again(connection: sqlite3.Connection, delivery: int, now: float) -> bool:
    """Begin anew with one that was given up or done; False if there is none of that number that is settled."""
    changed = connection.execute(
        "UPDATE deliveries SET state = 'pending', attempts = 0, refusals = 0, since = ?1, next_at = ?1,"
        " settled_at = NULL WHERE delivery = ?2 AND state != 'pending'",
        (now, delivery),
    )
    connection.execute(
        "UPDATE deliveries SET gone = 0 WHERE (recording_id, door, url) ="
        " (SELECT recording_id, door, url FROM deliveries WHERE delivery = ?)",
        (delivery,),
    )
    return changed.rowcount > 0


def shift(connection: sqlite3.Connection, seconds: float) -> None:
    """Move what is pending in time: the clock was set by so much."""
    connection.execute(
        "UPDATE deliveries SET since = since + ?1, next_at = next_at + ?1 WHERE state = 'pending'", (seconds,)
    )


def return_from_ahead(connection: sqlite3.Connection, now: float) -> float:
    """Time anew what an earlier run wrote with a clock that was ahead of this one's; by how many seconds it was."""
    latest = connection.execute("SELECT max(since) FROM deliveries WHERE state = 'pending'").fetchone()[0]
    ahead = 0.0 if latest is None else max(0.0, float(latest) - now)
    if ahead:
        connection.execute(
            "UPDATE deliveries SET since = min(since, ?1), next_at = max(?1, next_at - ?2)"
            " WHERE state = 'pending' AND next_at > ?1",
            (now, ahead),
        )
    return ahead


def expire(connection: sqlite3.Connection, before: float, now: float) -> int:
    """Give up what has been tried since before that moment; returns how many."""
    changed = connection.execute(
        "UPDATE deliveries SET state = 'given_up', settled_at = ?,"
        " last_error = 'not delivered in time: ' || coalesce(last_error, 'never tried')"
        " WHERE state = 'pending' AND since < ?",
        (now, before),
    )
    return changed.rowcount


def listing(
    connection: sqlite3.Connection,
    *,
    state: State | None = None,
    door: Door | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Delivery]:
    """Give the newest deliveries that fit, numbered below `before`: a page's last number asks for the next page."""
    given = {"state": state, "door": door, "before": before, "limit": limit}
    conditions = {"state": "d.state = :state", "door": "d.door = :door", "before": "d.delivery < :before"}
    chosen = [condition for name, condition in conditions.items() if given[name] is not None]
    where = f"WHERE {' AND '.join(chosen)}" if chosen else ""
    rows = connection.execute(f"{_SELECT} {where} ORDER BY d.delivery DESC LIMIT :limit", given)
    return [_delivery(row) for row in rows]


def waiting(connection: sqlite3.Connection) -> list[tuple[Door, State, int, float]]:
    """Give by door what is pending and what was given up, as far as it is kept: how many, and since when the oldest."""
    rows = connection.execute(
        "SELECT door, state, count(*) AS count, min(since) AS since FROM deliveries"
        " WHERE state IN ('pending', 'given_up') GROUP BY door, state"
    )
    return [(row["door"], row["state"], row["count"], row["since"]) for row in rows]


def _places(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _due(row: sqlite3.Row) -> Due:
    return Due(_delivery(row), row["body"])


def _delivery(row: sqlite3.Row) -> Delivery:
    values = {name: row[name] for name in Delivery.__dataclass_fields__}
    return Delivery(**{**values, "gone": bool(row["gone"])})
