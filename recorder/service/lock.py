"""The lock of a box's state: one program at a time works on it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "recorder.lock"


@contextmanager
def state_lock(state_dir: Path) -> Iterator[None]:
    """Hold it, to the end of the process at most. FileExistsError: another has it; OSError: it can't be made."""
    path = state_dir / NAME
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileExistsError(f"{path}: another recorder works on {state_dir}") from None
        yield
    finally:
        os.close(fd)
