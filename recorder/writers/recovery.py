"""Files that a kill or a power cut left growing: found at start, cut to what is valid, made ready to be sealed."""

import logging
import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from recorder.writers import formats
from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import PART, part_of

log = logging.getLogger(__name__)
_SUFFIXES = tuple(f".{name}{PART}" for name in formats.names())


@dataclass(frozen=True, slots=True)
class Recovered:
    """A file left growing, now of exact length and on the disk; with no frames it was deleted."""

    recording_id: str
    path: Path  # where it will be once it is sealed
    frames: int
    rate: int  # Hz; 0 where nothing could be read
    channels: int
    size: int  # bytes


def recover(root: Path, held: Container[str] = ()) -> list[Recovered]:
    """Mend every part below `root` but those whose recording_id is in `held`: they are picked up. In order of path.

    What cannot be mended is logged and left as it is. Repeated, it gives the same.
    """
    found = []
    for path in _parts(root):
        recording_id = path.stem
        if recording_id in held:
            continue
        try:
            found.append(_mend(path, recording_id))
        except WriteError as error:
            log.error("recovery: %s", error)  # noqa: TRY400 # because the message says all; the next file waits
    return found


def _parts(root: Path) -> Iterator[Path]:
    for directory, directories, names in os.walk(root):
        directories.sort()
        for name in sorted(names):
            if name.endswith(_SUFFIXES):
                yield Path(directory, name.removesuffix(PART))


def _mend(path: Path, recording_id: str) -> Recovered:
    audio = formats.mend(path)
    facts = Recovered(recording_id, path, audio.frames, audio.rate, audio.channels, audio.size if audio.frames else 0)
    return facts if facts.frames else _delete(part_of(path), facts)


def _delete(part: Path, facts: Recovered) -> Recovered:
    with told_apart("delete", part):
        part.unlink(missing_ok=True)
    return facts
