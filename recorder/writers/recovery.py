"""Files that a kill or a power cut left growing: found at start, cut to what is valid, made ready to be sealed."""

import logging
import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recorder.writers import formats
from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import PART, is_recording, part_of
from recorder.writers.part import is_being_written
from recorder.writers.sidecar import HALF, sidecar_path
from recorder.writers.track import SUFFIX as TRACK
from recorder.writers.track import track_path
from recorder.writers.tracker import mend as mend_track

log = logging.getLogger(__name__)
_SUFFIXES = tuple(f".{name}{PART}" for name in formats.names())


@dataclass(frozen=True, slots=True)
class Recovered:
    """A file left growing, now of exact length and on the disk if that takes it; with no frames it was deleted."""

    recording_id: str
    path: Path  # where it will be once it is sealed
    frames: int
    rate: int  # Hz; 0 where nothing could be read
    channels: int
    size: int  # bytes


def recover(root: Path, held: Container[str] = (), paths: Sequence[Path] | None = None) -> list[Recovered]:
    """Mend every part below `root` but those whose recording_id is in `held`: they are picked up. In order of path.

    The track beside each is cut to the audio's length, and sidecars that never got their name are deleted. What cannot
    be mended is logged and left as it is, and counts as it tells itself. Repeated, it gives the same. `paths`: what
    `left` has found.
    """
    found = []
    for path in left(root) if paths is None else paths:
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
            found += _unmended(path, recording_id)
    return found


def growing(paths: Sequence[Path]) -> list[Path]:
    """Of what `left` has found the final names of recordings that were left growing."""
    audio = tuple(f".{name}" for name in formats.names())
    return [path for path in paths if path.suffix in audio and is_recording(path.stem)]


def whole(root: Path) -> list[Path]:
    """The recordings below `root` that have their final name, in order."""
    audio = tuple(f".{name}" for name in formats.names())
    found = [
        Path(directory, name) for directory, names in _directories(str(root)) for name in names if name.endswith(audio)
    ]
    return sorted(path for path in found if is_recording(path.stem))


def left(root: Path) -> list[Path]:
    """The final names of recordings that grow, tracks that nothing stands beside, and halves of sidecars.

    What is not named as a recording is another program's, and left alone; so is what somebody writes now.

    There may be very many files: what is looked at of most is the end of their name.
    """
    found: list[Path] = []
    for directory, names in _directories(str(root)):
        there = set(names)
        ours = [name for name in names if name.endswith((*_SUFFIXES, HALF, TRACK))]
        alone = (name for name in ours if not name.endswith(TRACK) or _is_alone(name, there))
        found += (Path(directory, n.removesuffix(PART)) for n in alone if is_recording(n.partition(".")[0]))
    written = {path.stem for path in found if is_being_written(path)}
    return sorted(path for path in found if path.name.partition(".")[0] not in written)


def _directories(directory: str) -> Iterator[tuple[str, list[str]]]:
    """Every directory below this one, with what is in it. Ours have no dot in their names, and files have."""
    try:
        names = os.listdir(directory)  # noqa: PTH208 # because a Path for each of very many files takes long
    except FileNotFoundError:
        return
    except OSError as error:
        log.error("recovery: %s: %s", directory, error.strerror)  # noqa: TRY400 # because the message says all
        return
    yield directory, names
    for name in [name for name in names if "." not in name]:
        path = os.path.join(directory, name)  # noqa: PTH118 # because likewise
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112,PTH114 # because likewise
            yield from _directories(path)


def _is_alone(track: str, there: set[str]) -> bool:
    stem = track.removesuffix(TRACK)
    return f"{stem}.json" not in there and not there & _beside(Path(track))


def _beside(track: Path) -> set[str]:
    """The names of what a track may belong to."""
    audio = {f"{track.stem}.{name}" for name in formats.names()}
    return {sidecar_path(track).name, *audio, *(name + PART for name in audio)}


def _mend(path: Path, recording_id: str) -> Recovered:
    audio = formats.mend(path)
    mend_track(track_path(path), audio.frames)
    facts = Recovered(recording_id, path, audio.frames, audio.rate, audio.channels, audio.size if audio.frames else 0)
    return facts if facts.frames else _delete(part_of(path), facts)


def _unmended(path: Path, recording_id: str) -> list[Recovered]:
    """The file as it stands on a disk that takes no more, if it holds audio."""
    audio = formats.left(path)
    if audio is None or not audio.frames:
        return []
    return [Recovered(recording_id, path, audio.frames, audio.rate, audio.channels, audio.size)]


def _delete_half(sidecar: Path) -> None:
    try:
        sidecar.unlink(missing_ok=True)
    except OSError as error:
        log.error("recovery: cannot delete %s: %s", sidecar, error.strerror)  # noqa: TRY400 # because that says all


def _delete(part: Path, facts: Recovered) -> Recovered:
    with told_apart("delete", part):
        part.unlink(missing_ok=True)
    return facts
