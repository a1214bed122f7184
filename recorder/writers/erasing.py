"""The end of a recording's files."""

from pathlib import Path

from recorder.writers.errors import told_apart
from recorder.writers.layout import part_of, sync_directory
from recorder.writers.sidecar import sidecar_path


def erase(path: Path) -> None:
    """Delete the audio that stands at `path`, whole or in part, and what stands beside it; repeated, it is the same.

    Raises WriteError; the directory is on the disk when this returns.
    """
    with told_apart("erase", path):
        for file in (path, part_of(path), sidecar_path(path)):
            file.unlink(missing_ok=True)
        if path.parent.exists():
            sync_directory(path.parent)
