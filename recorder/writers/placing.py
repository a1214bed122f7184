"""Small files that are put in their place whole."""

import os
from contextlib import suppress
from pathlib import Path

NEW = ".new"


def put_in_place(path: Path, content: bytes, mode: int) -> None:
    """Make or replace a file, whole and synced, or leave what is there. OSError.

    Its directory is the caller's to sync. A kill may leave it half made under the same name with `.new` behind it.
    """
    temporary = path.with_name(path.name + NEW)
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            with suppress(PermissionError):  # FAT has no modes to set
                os.fchmod(fd, mode)  # whatever the umask took away
            file.write(content)
            file.flush()
            os.fsync(fd)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
