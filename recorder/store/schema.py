"""The database's shape: numbered SQL files, each applied once, in one transaction of its own.

The number of the newest applied file stands in `PRAGMA user_version`; `application_id` tells our file from another's.
"""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from recorder.store.errors import StoreError

APPLICATION_ID = 0x52454344  # "RECD"


def migrations() -> dict[int, Traversable]:
    """Give the numbered schema files, NNNN.sql, by number."""
    found = (files("recorder.store") / "schema").iterdir()
    return {int(file.name.removesuffix(".sql")): file for file in found if file.name.endswith(".sql")}


def statements(script: str) -> Iterator[str]:
    """Split a script of complete statements, so that they can run inside a transaction (executescript commits)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise ValueError(f"a schema file ends in the middle of a statement: {statement.strip()[:80]!r}")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database up to the newest schema. StoreError: it is not ours, or of a newer version than this code."""
    numbered = migrations()
    newest = max(numbered)
    while (version := _version(connection)) < newest:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Looked at again under the lock: another process may have just done it.
            if _version(connection) == version:
                for statement in statements(numbered[version + 1].read_text(encoding="utf-8")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if version > newest:
        raise StoreError(
            "newer", f"the database has schema {version}, made by a newer version; this one knows {newest}"
        )


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not empty:
        raise StoreError("foreign", "the file is a SQLite database of another program")
    return version
