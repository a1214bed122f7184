"""The writing of a track: on the pool's threads, behind the audio of the same second, and never to its harm."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recorder._dsp import Overtaken, peaks
from recorder.writers.part import FILE_MODE, write_at
from recorder.writers.source import Mixing, Source
from recorder.writers.track import HEAD_BYTES, PEAKS_PER_S, Mark, Second, TrackFault, TrackHead, seconds_of, track_path

log = logging.getLogger(__name__)
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of the file: those of the line from `first` on, or silence where that is None."""

    first: int | None
    frames: int


@dataclass(frozen=True, slots=True)
class TrackSecond:
    """Write one second of the track. Its stretches begin at the second's first frame and pass no later second."""

    second: int
    stretches: tuple[Stretch, ...]
    voice: bytes
    marks: tuple[Mark, ...]


class Tracker:
    """Writes one track. No method raises: a fault is logged once, and the track ends there.

    The file is made with its first second. One that begins later goes on with what an earlier process wrote before.
    """

    def __init__(self, audio: Path, head: TrackHead, source: Source, mixing: Mixing) -> None:
        """`audio`: where the recording's file will be when it is whole."""
        self._path = track_path(audio)
        self._head = head
        self._source = source
        self._mixing = mixing
        self._fd = -1
        self._end = 0
        self._failed = False

    def write(self, task: TrackSecond) -> None:
        """Add a second; the same one again leaves the same bytes."""
        if not self._failed:
            self._attempt(lambda: self._write(task))

    def close(self, frames: int) -> None:
        """End the track where the audio ends, on the disk, and let go of it."""
        if self._fd >= 0:
            self._attempt(lambda: self._finish(frames))
        self._let_go()

    def discard(self) -> None:
        """Let go of the track and delete it."""
        self._let_go()
        self._attempt(lambda: self._path.unlink(missing_ok=True))

    def _attempt(self, step: Callable[[], object]) -> None:
        try:
            step()
        except OSError as error:
            self._failed = True
            log.warning("track %s ends here: %s", self._path, error.strerror)
        except Exception:  # whatever it is, the recording goes on
            self._failed = True
            log.exception("track %s ends here", self._path)

    def _write(self, task: TrackSecond) -> None:
        if self._fd < 0:
            self._open(task.second)
        pcm = b"".join(map(self._pcm, task.stretches))
        frames = sum(stretch.frames for stretch in task.stretches)
        found = peaks(pcm, self._head.channels, self._head.rate // PEAKS_PER_S)
        record = Second(task.second, frames, found, task.voice, task.marks).pack(self._head.channels)
        write_at(self._fd, self._end, record)
        self._end += len(record)

    def _open(self, second: int) -> None:
        """Stand behind what is there of earlier seconds; whatever follows is written again."""
        try:
            self._fd = os.open(self._path, _FLAGS | os.O_CREAT, FILE_MODE)
            with suppress(PermissionError):  # FAT has no modes to set
                os.fchmod(self._fd, FILE_MODE)  # whatever the umask took away
            data = _whole(self._fd) if second else b""
            self._end = end_of(data, self._head, second)
            if not self._end:
                write_at(self._fd, 0, self._head.pack())
                self._end = HEAD_BYTES
            os.ftruncate(self._fd, self._end)
        except BaseException:
            self._let_go()
            raise

    def _pcm(self, stretch: Stretch) -> bytes:
        """The stretch as it stands in the file; what the ring no longer has is silence."""
        first, frames = stretch.first, stretch.frames
        gone = 0
        while first is not None and gone < frames:
            try:
                heard = self._mixing.of(self._source.read(first + gone, frames - gone))
            except Overtaken as overtaken:
                gone = min(max(overtaken.oldest - first, gone + 1), frames)
            else:
                return self._silence(gone) + heard
        return self._silence(frames)

    def _silence(self, frames: int) -> bytes:
        return bytes(2 * self._head.channels * frames)

    def _finish(self, frames: int) -> None:
        cut_to(self._fd, self._head, frames)
        os.fdatasync(self._fd)

    def _let_go(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with suppress(OSError):
                os.close(fd)


def end_of(data: bytes, head: TrackHead, second: int) -> int:
    """Where the seconds before `second` end in a track of that head; 0: it is none."""
    try:
        if TrackHead.parse(data) != head:
            return 0
    except TrackFault:
        return 0
    ends = [end for _, end, each in seconds_of(data, head) if each.second < second]
    return max(ends, default=HEAD_BYTES)


def cut_to(fd: int, head: TrackHead, frames: int) -> None:
    """Cut a track to what is whole in it and to the first `frames` frames of the file. OSError."""
    data, end = _whole(fd), HEAD_BYTES
    for at, behind, each in seconds_of(data, head):
        left = frames - each.second * head.rate
        if left < 0 or (left == 0 and each.frames):
            break
        end = behind
        if left < each.frames:
            record = each.cut(left, head).pack(head.channels)
            write_at(fd, at, record)
            end = at + len(record)
    if end != len(data):
        os.ftruncate(fd, end)


def mend(path: Path, frames: int) -> None:
    """Make a track that was left growing end where its audio ends, or delete it where there is nothing to keep."""
    try:
        fd = os.open(path, _FLAGS)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("track %s: %s", path, error.strerror)
        return
    try:
        if frames:
            cut_to(fd, TrackHead.parse(os.pread(fd, HEAD_BYTES, 0)), frames)
            os.fdatasync(fd)
        else:
            path.unlink(missing_ok=True)
    except TrackFault:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("track %s: %s", path, error.strerror)
    finally:
        os.close(fd)


def _whole(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)
