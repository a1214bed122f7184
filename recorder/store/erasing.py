"""The erasing of recordings: first the row says so, then the files go, then the row lets go of their place.

So a kill between any two leaves a recording that is erased for everybody, and files that the next start deletes.
"""

import json
import sqlite3

from recorder.store.recordings import LIVE, Recording, of_row


def erase(connection: sqlite3.Connection, recording_id: str, *, at: float, why: str) -> bool:
    """Leave of an ended recording ids, times and why; of its call's metadata too, when it was the last of the call.

    False if there is no such recording, or it lives, is held, or is erased already.
    """
    row = connection.execute(
        f"SELECT * FROM recordings WHERE recording_id = ? AND state NOT IN {LIVE} AND erased_at IS NULL"  # noqa: S608 # because LIVE is ours
        " AND held_at IS NULL",
        (recording_id,),
    ).fetchone()
    if row is None:
        return False
    connection.execute(
        "UPDATE recordings SET erased_at = ?, erased_why = ?, facts = '{}', parameters = '{}', metadata = '{}',"
        " gaps = NULL, sha256 = NULL, final_event = ? WHERE recording_id = ?",
        (at, why, _without_links(row["final_event"]), recording_id),
    )
    connection.execute(
        "UPDATE calls SET metadata = '{}' WHERE call_id = :call_id AND ended_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM recordings WHERE call_id = :call_id AND erased_at IS NULL)",
        {"call_id": row["call_id"]},
    )
    return True


def unfinished(connection: sqlite3.Connection) -> list[Recording]:
    """Those erased whose files may still stand."""
    rows = connection.execute("SELECT * FROM recordings WHERE erased_at IS NOT NULL AND path IS NOT NULL")
    return [of_row(row) for row in rows]


def files_are_gone(connection: sqlite3.Connection, recording_id: str) -> None:
    """Let go of the place of an erased recording's files."""
    connection.execute(
        "UPDATE recordings SET path = NULL WHERE recording_id = ? AND erased_at IS NOT NULL", (recording_id,)
    )


def _without_links(final_event: str | None) -> str | None:
    if final_event is None:
        return None
    event = json.loads(final_event)
    event["params"].pop("url", None)
    event["params"].get("record", {}).pop("url", None)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
