"""Where recordings stand: recordings/YYYY/MM/DD/<recording_id>.<format>, the day in UTC of the first frame."""

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from recorder.contract.ids import UUID_PATTERN

DIRECTORY_MODE = 0o750
PART = ".part"
_RECORDING_ID = re.compile(UUID_PATTERN)


def is_recording(name: str) -> bool:
    """Whether a file of this name, suffixes aside, can be a recording's."""
    return _RECORDING_ID.fullmatch(name) is not None


def recording_path(root: Path, recording_id: str, first_frame_s: float, suffix: str) -> Path:
    """Give the place of a recording's file; `first_frame_s` in Unix seconds, `suffix` as "wav".

    ValueError: the id is no UUID in lower case, so that no id can lead out of the tree.
    """
    if not _RECORDING_ID.fullmatch(recording_id):
        raise ValueError(f"not a recording id: {recording_id!r}")
    day = datetime.fromtimestamp(first_frame_s, UTC)
    return root / f"{day:%Y}" / f"{day:%m}" / f"{day:%d}" / f"{recording_id}.{suffix}"


def part_of(path: Path) -> Path:
    """Give the name under which a file grows until it is whole."""
    return path.with_name(path.name + PART)


def make_directories(root: Path, directory: Path) -> None:
    """Make what is missing between `root`, which must be there, and `directory`; each is on the disk before use."""
    below = directory.relative_to(root)
    here = root
    for name in below.parts:
        above, here = here, here / name
        with suppress(FileExistsError):
            here.mkdir(mode=DIRECTORY_MODE)
            with suppress(PermissionError):  # FAT has no modes to set
                here.chmod(DIRECTORY_MODE)  # whatever the umask took away
            sync_directory(above)


def sync_directory(directory: Path) -> None:
    """Bring a directory's entries to the disk."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
