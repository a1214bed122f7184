"""Recordings: what was asked, where it is, how it ended."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

FAULTS = ("disk_full", "write_error", "start_failed")  # end_reasons that hang on more than audio and commands
LIVE = ("starting", "recording", "paused")  # starting: accepted, and nothing told yet
_JSON = ("facts", "parameters", "metadata", "gaps")


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording. Times are Unix seconds, `duration` is seconds, `size` bytes; what is not yet known is None.

    Of one that was erased ids, times and `erased_why` are left. `sha256` is the file's, in hex; one with `held_at` must
    not be erased.
    """

    recording_id: str
    line: str
    call_id: str
    control_id: str
    format: str
    direction: str
    stereo: bool
    rate: int
    channels: int
    created_at: float
    state: str = "starting"
    facts: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    path: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    duration: float | None = None
    size: int | None = None
    end_reason: str | None = None
    gaps: list[dict[str, float]] | None = None
    recovered: bool = False
    final_event: str | None = None
    erased_at: float | None = None
    erased_why: str | None = None
    sha256: str | None = None
    held_at: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a recording ended; `kept` is false where no file stands."""

    state: str
    end_reason: str
    ended_at: float
    duration: float
    size: int
    kept: bool
    final_event: str
    started_at: float | None = None
    gaps: list[dict[str, float]] = field(default_factory=list)
    recovered: bool = False


_COLUMNS = tuple(column.name for column in fields(Recording))


def add(connection: sqlite3.Connection, recording: Recording) -> None:
    """Add a recording. sqlite3.IntegrityError: its id is known."""
    names = ", ".join(_COLUMNS)
    places = ", ".join(f":{name}" for name in _COLUMNS)
    connection.execute(f"INSERT INTO recordings ({names}) VALUES ({places})", _row(asdict(recording)))  # noqa: S608 # because only our column names stand in it


def begin(connection: sqlite3.Connection, recording_id: str, *, path: str, started_at: float) -> None:
    """Set where the file grows and the time of its first frame."""
    connection.execute(
        "UPDATE recordings SET path = ?, started_at = ? WHERE recording_id = ?", (path, started_at, recording_id)
    )


def set_state(connection: sqlite3.Connection, recording_id: str, state: str) -> None:
    """Set the state of one that lives; how one ends is told by `end`."""
    connection.execute("UPDATE recordings SET state = ? WHERE recording_id = ?", (state, recording_id))


def describe(connection: sqlite3.Connection, call_id: str, metadata: Mapping[str, str]) -> None:
    """Set what the call of recordings that live carries."""
    connection.execute(
        f"UPDATE recordings SET metadata = ? WHERE call_id = ? AND state IN {LIVE}",  # noqa: S608 # because LIVE is ours
        (json.dumps(dict(metadata)), call_id),
    )


def set_shape(connection: sqlite3.Connection, recording: Recording) -> None:
    """Set what the file tells of itself: rate, channels, stereo, direction, and the facts that say so."""
    connection.execute(
        "UPDATE recordings SET rate = :rate, channels = :channels, stereo = :stereo, direction = :direction,"
        " facts = :facts WHERE recording_id = :recording_id",
        _row(asdict(recording)),
    )


def end(connection: sqlite3.Connection, recording_id: str, ending: Ending) -> None:
    """Set how it ended; where `started_at` is None, what is known of the start stays."""
    values = {name: value for name, value in asdict(ending).items() if name != "started_at" or value is not None}
    if not values.pop("kept"):
        values["path"] = None
    changes = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(
        f"UPDATE recordings SET {changes} WHERE recording_id = :recording_id",  # noqa: S608 # because only our column names stand in it
        _row(values | {"recording_id": recording_id}),
    )


def hold(connection: sqlite3.Connection, recording_id: str, at: float | None) -> bool:
    """Protect a recording from erasure since `at`, or, with None, no longer; False if it is unknown or erased."""
    changed = connection.execute(
        "UPDATE recordings SET held_at = iif(:at IS NULL, NULL, coalesce(held_at, :at))"
        " WHERE recording_id = :recording_id AND erased_at IS NULL",
        {"recording_id": recording_id, "at": at},
    )
    return changed.rowcount > 0


def unhashed(connection: sqlite3.Connection, behind: str, limit: int) -> list[tuple[str, str]]:
    """Give (recording_id, path) of ended files whose hash is not known, ids above `behind`."""
    rows = connection.execute(
        "SELECT recording_id, path FROM recordings WHERE sha256 IS NULL AND path IS NOT NULL AND ended_at IS NOT NULL"
        " AND erased_at IS NULL AND recording_id > ? ORDER BY recording_id LIMIT ?",
        (behind, limit),
    )
    return [(row["recording_id"], row["path"]) for row in rows]


def set_hash(connection: sqlite3.Connection, recording_id: str, sha256: str) -> None:
    """Note what the recording's file hashes to, unless it was erased meanwhile."""
    connection.execute(
        "UPDATE recordings SET sha256 = ? WHERE recording_id = ? AND erased_at IS NULL", (sha256, recording_id)
    )


def get(connection: sqlite3.Connection, recording_id: str) -> Recording | None:
    """Give one recording, None if it is not known."""
    row = connection.execute("SELECT * FROM recordings WHERE recording_id = ?", (recording_id,)).fetchone()
    return None if row is None else of_row(row)


def failed(connection: sqlite3.Connection, recording_ids: Iterable[str]) -> set[str]:
    """Those of them that a fault of the disk or of the start has ended."""
    rows = [get(connection, recording_id) for recording_id in recording_ids]
    return {row.recording_id for row in rows if row is not None and row.end_reason in FAULTS}


def parameters(connection: sqlite3.Connection, recording_id: str) -> dict[str, Any] | None:
    """Give what one recording was ordered with, None if it is not known."""
    row = connection.execute("SELECT parameters FROM recordings WHERE recording_id = ?", (recording_id,)).fetchone()
    return None if row is None else dict(json.loads(row["parameters"]))


def live(connection: sqlite3.Connection) -> list[Recording]:
    """Give those that have not ended, oldest first."""
    rows = connection.execute(
        f"SELECT * FROM recordings WHERE state IN {LIVE} ORDER BY recording_id"  # noqa: S608 # because LIVE is ours
    )
    return [of_row(row) for row in rows]


def by_control_id(
    connection: sqlite3.Connection, line: str, control_id: str, *, call_id: str | None = None
) -> Recording | None:
    """Give the live recording of that control_id on the line, else the most recent; None if there never was one."""
    named = "call_id = :call_id AND +line = :line AND +control_id = :control_id"
    if call_id is None:
        named = "line = :line AND control_id = :control_id"
    for among in (f"state IN {LIVE} AND", ""):
        row = connection.execute(
            f"SELECT * FROM recordings WHERE {among} {named} ORDER BY recording_id DESC LIMIT 1",  # noqa: S608 # because the conditions are ours, their values bound
            {"line": line, "control_id": control_id, "call_id": call_id},
        ).fetchone()
        if row is not None:
            return of_row(row)
    return None


def _row(values: dict[str, Any]) -> dict[str, Any]:
    packed = {name: json.dumps(values[name]) for name in _JSON if values.get(name) is not None}
    return values | packed


def of_row(row: sqlite3.Row) -> Recording:
    """Give the recording that stands in a row of the table."""
    values: dict[str, Any] = dict(row)
    for name in _JSON:
        if values[name] is not None:
            values[name] = json.loads(values[name])
    for name in ("stereo", "recovered"):
        values[name] = bool(values[name])
    return Recording(**values)
