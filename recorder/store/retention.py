"""What may be erased, and what is to be: bounds by age, size and free space, the oldest first.

A recording that lives, is held, or has an event that is still to be delivered is never among them.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from recorder.store import erasing


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most_bytes` of audio on this line, in this format, or, where both are None, in all."""

    name: str  # the configuration's key
    most_bytes: int
    line: str | None = None
    format: str | None = None

    def covers(self, line: str, format_: str) -> bool:
        """Whether it counts recordings of this line and format."""
        return self.line in (None, line) and self.format in (None, format_)


@dataclass(frozen=True, slots=True)
class Ages:
    """How old a recording may get, in seconds since its end; 0: as old as it likes.

    A line's word goes before a format's, and a format's before the box's.
    """

    box: float = 0.0
    formats: Mapping[str, float] = field(default_factory=dict)
    lines: Mapping[str, float] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything has a bound."""
        return any((self.box, *self.formats.values(), *self.lines.values()))

    def of(self, line: str, format_: str) -> float:
        """The bound of such a recording."""
        return self.lines.get(line, self.formats.get(format_, self.box))


@dataclass(frozen=True, slots=True)
class Group:
    """What is kept of one line and format; `held_bytes` and the number `held` are the protected ones among it."""

    line: str
    format: str
    bytes: int
    held_bytes: int
    held: int


@dataclass(frozen=True, slots=True)
class Doomed:
    """A recording that is to be erased, and why."""

    recording_id: str
    line: str
    format: str
    ended_at: float
    size: int
    path: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to go now, `limit` at most, and each bound that holds not even when all of that is gone."""

    doomed: Sequence[Doomed]
    unmet: Sequence["Unmet"]


@dataclass(frozen=True, slots=True)
class Unmet:
    """A bound that can't be met now: but for live ones, only recordings of that `cause` are left, or none at all."""

    name: str
    line: str | None
    format: str | None
    bytes: int  # too many
    cause: Literal["held", "undelivered", "none"]


_FREE = "retention.min_free_bytes"
_UNDELIVERED = "SELECT 1 FROM deliveries d WHERE d.recording_id = recordings.recording_id AND d.state = 'pending'"
_FREE_TO_GO = "ended_at IS NOT NULL AND erased_at IS NULL AND held_at IS NULL"


def groups(connection: sqlite3.Connection) -> list[Group]:
    """Give what is kept, by line and format."""
    return [Group(**dict(row)) for row in connection.execute("SELECT * FROM kept ORDER BY line, format")]


def judge(
    connection: sqlite3.Connection,
    ages: Ages,
    caps: Sequence[Cap],
    *,
    now: float,
    missing_bytes: int = 0,
    limit: int = 100,
) -> Verdict:
    """Find what is to be erased now; `missing_bytes` is what the disk has less than it should have free."""
    kept = groups(connection)
    doomed: dict[str, Doomed] = {}
    for found in _too_old(connection, kept, ages, now, limit):
        doomed[found.recording_id] = found
    bounds = [*caps, *([Cap(_FREE, 0)] if missing_bytes > 0 else [])]
    unmet = []
    for cap in bounds:
        inside = [group for group in kept if cap.covers(group.line, group.format)]
        total = sum(group.bytes for group in inside)
        excess = missing_bytes if cap.name == _FREE else total - cap.most_bytes
        excess -= sum(each.size for each in doomed.values() if cap.covers(each.line, each.format))
        if excess > 0:
            excess = _take_oldest(connection, inside, cap.name, excess, doomed, limit)
        if excess > 0 and len(doomed) < limit:
            unmet.append(Unmet(cap.name, cap.line, cap.format, excess, _cause(connection, inside)))
    oldest_first = sorted(doomed.values(), key=lambda each: (each.ended_at, each.recording_id))
    return Verdict(oldest_first[:limit], unmet)


def _cause(connection: sqlite3.Connection, inside: Sequence[Group]) -> Literal["held", "undelivered", "none"]:
    if any(_candidates(connection, group, 1, delivered=False) for group in inside):
        return "undelivered"
    return "held" if any(group.held_bytes for group in inside) else "none"


def _too_old(
    connection: sqlite3.Connection, kept: Sequence[Group], ages: Ages, now: float, limit: int
) -> Iterator[Doomed]:
    for group in kept:
        age = ages.of(group.line, group.format)
        if age > 0:
            yield from _candidates(connection, group, limit, "max_age", before=now - age, files_alone=False)


def _take_oldest(
    connection: sqlite3.Connection,
    inside: Sequence[Group],
    why: str,
    excess: int,
    doomed: dict[str, Doomed],
    limit: int,
) -> int:
    """Add the oldest of these groups until the excess is made up for; give what is left of it."""
    found = [each for group in inside for each in _candidates(connection, group, limit, why)]
    for each in sorted(found, key=lambda each: (each.ended_at, each.recording_id)):
        if excess <= 0 or len(doomed) >= limit:
            break
        if each.recording_id not in doomed:
            doomed[each.recording_id] = each
            excess -= each.size
    return excess


def _candidates(
    connection: sqlite3.Connection,
    group: Group,
    limit: int,
    why: str = "",
    *,
    before: float | None = None,
    files_alone: bool = True,
    delivered: bool = True,
) -> list[Doomed]:
    conditions = [_FREE_TO_GO, "line = :line", "format = :format"]
    conditions += [f"NOT EXISTS ({_UNDELIVERED})"] if delivered else []
    conditions += ["path IS NOT NULL AND size > 0"] if files_alone else []
    conditions += ["ended_at < :before"] if before is not None else []
    rows = connection.execute(
        "SELECT recording_id, line, format, ended_at, coalesce(size, 0) AS size, path FROM recordings"  # noqa: S608 # because the conditions are ours, their values bound
        f" WHERE {' AND '.join(conditions)} ORDER BY ended_at LIMIT :limit",
        {"line": group.line, "format": group.format, "before": before, "limit": limit},
    )
    return [Doomed(**dict(row), why=why) for row in rows]


def erase(connection: sqlite3.Connection, verdict: Verdict, at: float) -> None:
    """Erase what is doomed, in the transaction that judged it: nobody can have held it meanwhile."""
    for each in verdict.doomed:
        erasing.erase(connection, each.recording_id, at=at, why=f"retention: {each.why}")
