"""The end of a file: sidecar, final name, directory synced. Its data was brought to the disk by the writer's close.

Every step may be repeated, so a kill between any two costs nothing: whoever comes next seals again.
"""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import part_of, sync_directory
from recorder.writers.sidecar import write_sidecar


def seal(path: Path, sidecar: Mapping[str, Any] | None = None, *, replace: bool = True) -> None:
    """Give a closed part its final name, its sidecar before it, and bring both names to the disk.

    A part that has gone while the final name is there was sealed before. `replace=False` refuses to put the file in
    the place of another. WriteError; a sidecar that cannot be written keeps no audio from its name.
    """
    failed: WriteError | None = None
    if sidecar is not None:
        try:
            with told_apart("write the sidecar of", path):
                write_sidecar(path, sidecar)
        except WriteError as error:
            failed = error
    with told_apart("finish", path):
        _rename(part_of(path), path, replace=replace)
        sync_directory(path.parent)
    if failed is not None:
        raise failed


def _rename(part: Path, path: Path, *, replace: bool) -> None:
    if not part.exists() and path.exists():
        return
    if replace:
        part.replace(path)
        return
    try:
        os.link(part, path, follow_symlinks=False)  # unlike rename, it never takes another's place
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise
        if path.exists():  # a file system without hard links leaves a moment in which another may come
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        part.rename(path)
    else:
        part.unlink()
