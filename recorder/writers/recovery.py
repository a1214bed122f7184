"""Files that a kill or a power cut left growing: found at start, cut to what is valid, made ready to be sealed."""

import logging
import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from recorder.writers import formats
from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import PART, part_of
from recorder.writers.sidecar import HALF, sidecar_path
from recorder.writers.track import SUFFIX as TRACK
from recorder.writers.track import track_path
from recorder.writers.tracker import mend as mend_track

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

    The track beside each is cut to the audio's length, and sidecars that never got their name are deleted. What cannot
    be mended is logged and left as it is. Repeated, it gives the same.
    """
    found = []
    for path in _left(root):
        if path.name.endswith(HALF):
            _delete_half(path)
            continue
        recording_id = path.stem
        if recording_id in held:
            continue
        if path.suffix == TRACK:
            mend_track(path, 0)
            continue
        try:
            found.append(_mend(path, recording_id))
        except WriteError as error:
            log.error("recovery: %s", error)  # noqa: TRY400 # because the message says all; the next file waits
    return found


def _left(root: Path) -> Iterator[Path]:
    """The final names of files that grow, tracks that nothing stands beside, and halves of sidecars."""
    for directory, directories, names in os.walk(root):
        directories.sort()
        there = set(names)
        for name in sorted(names):
            path = Path(directory, name.removesuffix(PART))
            if name.endswith((*_SUFFIXES, HALF)) or (name.endswith(TRACK) and not there & _beside(path)):
                yield path


def _beside(track: Path) -> set[str]:
    """The names of what a track may belong to."""
    audio = {f"{track.stem}.{name}" for name in formats.names()}
    return {sidecar_path(track).name, *audio, *(name + PART for name in audio)}


def _mend(path: Path, recording_id: str) -> Recovered:
    audio = formats.mend(path)
    mend_track(track_path(path), audio.frames)
    facts = Recovered(recording_id, path, audio.frames, audio.rate, audio.channels, audio.size if audio.frames else 0)
    return facts if facts.frames else _delete(part_of(path), facts)


def _delete_half(sidecar: Path) -> None:
    try:
        sidecar.unlink(missing_ok=True)
    except OSError as error:
        log.error("recovery: cannot delete %s: %s", sidecar, error.strerror)  # noqa: TRY400 # because that says all


def _delete(part: Path, facts: Recovered) -> Recovered:
    with told_apart("delete", part):
        part.unlink(missing_ok=True)
    return facts
