"""What keeps a file from being written, told apart as the contract's end_reason tells it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Reason = Literal["disk_full", "write_error"]


class WriteError(Exception):
    """A file could not be written; `reason` is the recording's end_reason, the message names the file and the cause.

    `gone`: it, or its directory, is not there any more.
    """

    def __init__(self, reason: Reason, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.gone = gone


@contextmanager
def told_apart(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError of the body into a WriteError: disk_full when there is no room or no quota left."""
    try:
        yield
    except OSError as error:
        reason: Reason = "disk_full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "write_error"
        gone = isinstance(error, FileNotFoundError)
        raise WriteError(reason, f"cannot {doing} {path}: {error.strerror or error}", gone=gone) from error
