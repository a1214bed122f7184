"""What the box knows of itself: project_id and instance id, made once and kept."""

import sqlite3
from collections.abc import Callable


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """Give the value, None if there is none."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["value"])


def put(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Set the value, whatever it was."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )


def ensure(connection: sqlite3.Connection, key: str, make: Callable[[], str]) -> str:
    """Give the value; the first time, make() it and keep it."""
    value = get(connection, key)
    if value is None:
        value = make()
        put(connection, key, value)
    return value
