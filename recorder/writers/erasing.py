"""The end of recordings' files."""

from collections.abc import Iterable
from pathlib import Path

from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import part_of, sync_directory
from recorder.writers.sidecar import half_path, sidecar_path
from recorder.writers.track import track_path


def erase(path: Path) -> None:
    """Delete the audio that stands at `path`, whole or in part, and what stands beside it; repeated, it is the same.

    Raises WriteError; the directory is on the disk when this returns.
    """
    for fault in erase_all([path]).values():
        raise fault


def erase_all(paths: Iterable[Path]) -> dict[Path, WriteError]:
    """As erase, of many, each directory brought to the disk once; the faults, by path."""
    faults: dict[Path, WriteError] = {}
    in_directory: dict[Path, list[Path]] = {}
    for path in paths:
        try:
            with told_apart("erase", path):
                for file in (path, part_of(path), sidecar_path(path), half_path(path), track_path(path)):
                    file.unlink(missing_ok=True)
        except WriteError as error:
            faults[path] = error
        else:
            in_directory.setdefault(path.parent, []).append(path)
    for directory, gone in in_directory.items():
        try:
            with told_apart("erase files in", directory):
                if directory.exists():
                    sync_directory(directory)
        except WriteError as error:
            faults |= dict.fromkeys(gone, error)
    return faults
