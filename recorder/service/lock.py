"""The locks of a box: one program at a time works on its state, and on its recordings."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

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


@contextmanager
def recordings_lock(recordings_dir: Path) -> Iterator[None]:
    """Hold it likewise: whoever starts there closes what grows. FileExistsError: another has it.

    The directory itself is locked, where its file system can do that; where it can't, nothing is.
    """
    fd = os.open(recordings_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileExistsError(f"another recorder works on {recordings_dir}") from None
        except OSError as error:
            log.info("%s can't be locked: %s", recordings_dir, error.strerror)
        yield
    finally:
        os.close(fd)
