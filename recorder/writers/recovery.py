"""Files that a kill or a power cut left growing: found at start, cut to what is valid, made ready to be sealed."""

import logging
import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import PART
from recorder.writers.riff import START_BYTES, WavHead
from recorder.writers.wav import WavWriter

log = logging.getLogger(__name__)
_SUFFIX = ".wav" + PART


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
        recording_id = path.name.removesuffix(".wav")
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
            if name.endswith(_SUFFIX):
                yield Path(directory, name.removesuffix(PART))


def _mend(path: Path, recording_id: str) -> Recovered:
    part = path.with_name(path.name + PART)
    with told_apart("read", part):
        fd = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            start = file.read(START_BYTES)
    try:
        head = WavHead.found(start)
    except ValueError as error:
        raise WriteError("write_error", f"cannot recover {part}: {error}") from error
    if head is None:
        return _delete(part, Recovered(recording_id, path, 0, 0, 0, 0))
    writer = WavWriter(path, head.rate, head.channels, 0, resume=True)
    writer.open()
    frames = writer.frames
    size = writer.close(frames)
    facts = Recovered(recording_id, path, frames, head.rate, head.channels, size)
    return facts if frames else _delete(part, Recovered(recording_id, path, 0, head.rate, head.channels, 0))


def _delete(part: Path, facts: Recovered) -> Recovered:
    with told_apart("delete", part):
        part.unlink(missing_ok=True)
    return facts
