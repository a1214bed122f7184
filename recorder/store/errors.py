"""What can go wrong with the database, in words."""

import sqlite3
from pathlib import Path
from typing import Literal

Reason = Literal["disk_full", "io", "corrupt", "locked", "foreign", "newer"]

# Primary result codes, https://www.sqlite.org/rescode.html; the low byte of an extended code.
_REASONS: dict[int, tuple[Reason, str]] = {
    sqlite3.SQLITE_FULL: ("disk_full", "the disk is full"),
    sqlite3.SQLITE_IOERR: ("io", "the disk does not read or write"),
    sqlite3.SQLITE_READONLY: ("io", "the file or its file system is read-only"),
    sqlite3.SQLITE_CANTOPEN: ("io", "the file cannot be opened"),
    sqlite3.SQLITE_PERM: ("io", "access is not permitted"),
    sqlite3.SQLITE_CORRUPT: ("corrupt", "the database is damaged"),
    sqlite3.SQLITE_NOTADB: ("corrupt", "the file is no SQLite database"),
    sqlite3.SQLITE_BUSY: ("locked", "another process holds the database"),
    sqlite3.SQLITE_LOCKED: ("locked", "another connection holds the table"),
}


class StoreError(Exception):
    """The database refuses or fails; `reason` says how, the message says which file and why."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


def store_error(error: sqlite3.Error, path: Path) -> StoreError | sqlite3.Error:
    """Give the StoreError for a fault of disk, file or lock; any other error (ours, in SQL) as it is."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _REASONS:
        return error
    reason, meaning = _REASONS[code & 0xFF]
    return StoreError(reason, f"{path}: {meaning} ({error})")
