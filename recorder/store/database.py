"""Opening the database: WAL, every commit on the disk before it is told, the schema up to date."""

import os
import sqlite3
import time
from pathlib import Path

from recorder.store.errors import StoreError, store_error
from recorder.store.schema import migrate

MODE = 0o640
AGAIN_S = 0.01


def connect(path: Path, *, busy_timeout_s: float = 5.0) -> sqlite3.Connection:
    """Open or make the database, in the thread that will use it; transactions are begun and ended by the caller.

    StoreError names the file: it cannot be opened, is no database of ours, is damaged, of a newer version, or another
    process held it for busy_timeout_s.
    """
    try:
        # SQLite would make the file by the umask; -wal and -shm take the mode of the database.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE))
    except OSError as error:
        raise StoreError("io", f"{path}: the database cannot be opened: {error.strerror}") from error
    connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        enter_wal(connection, busy_timeout_s)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
    except StoreError as error:
        connection.close()
        raise StoreError(error.reason, f"{path}: {error}") from None
    except sqlite3.Error as error:
        connection.close()
        raise store_error(error, path) from error
    return connection


def enter_wal(connection: sqlite3.Connection, busy_timeout_s: float) -> None:
    """Switch the database to WAL. SQLite waits for nobody there, so two that make it at once would meet."""
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(AGAIN_S)  # because SQLite's busy timeout does not hold here
        else:
            return
