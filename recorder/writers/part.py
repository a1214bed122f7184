"""A file that grows beside its final name until it is whole."""

import errno
import fcntl
import os
import stat
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO

from recorder.writers.errors import told_apart
from recorder.writers.layout import make_directories, part_of

FILE_MODE = 0o640
NO_FILE = "it is no regular file"
_ZEROS = bytes(1 << 16)
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # O_NONBLOCK: a FIFO in our place hangs nobody


class PartFile:
    """Bytes at offsets in `<path>.part`. Every method raises WriteError where the operating system fails it.

    While it is open it is locked, so that no other service takes it for one that a kill has left.
    """

    def __init__(self, path: Path, root: Path | None = None) -> None:
        """With `root`, missing directories between it and the file are made."""
        self.path = path
        self.part = part_of(path)
        self._root = root
        self._fd = -1

    def open(self, *, resume: bool) -> bool:
        """Make the part, which must not be there yet. True if the file is new.

        To resume is to go on with the part, or with the whole file if the kill came after its last rename, or anew.
        """
        with self._faults("open"):
            if self._root is not None:
                make_directories(self._root, self.path.parent)
            if resume and (self._reopen(self.part) or self._reopen(self.path)):
                return False
            try:
                self._fd = os.open(self.part, _FLAGS | os.O_CREAT | os.O_EXCL, FILE_MODE)
            except FileExistsError as error:
                error.strerror = "it exists: another recording writes it, or one that was killed left it"
                raise
            with suppress(PermissionError):  # FAT has no modes to set
                os.fchmod(self._fd, FILE_MODE)  # whatever the umask took away
            self._lock()
            return True

    @property
    def size(self) -> int:
        """Bytes in the file."""
        with self._faults("look at"):
            return os.fstat(self._fd).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Give what stands there, short at the file's end."""
        with self._faults("read"):
            return os.pread(self._fd, length, offset)

    def write(self, offset: int, data: bytes) -> None:
        """Write all of it."""
        with self._faults("write"):
            write_at(self._fd, offset, data)

    def zero(self, offset: int, length: int) -> None:
        """Make that stretch zeros: written where the file has bytes, a hole where it has none."""
        end = offset + length
        with self._faults("write"):
            size = os.fstat(self._fd).st_size
            for start in range(offset, min(end, size), len(_ZEROS)):
                write_at(self._fd, start, _ZEROS[: min(end, size) - start])
            if end > size:
                os.ftruncate(self._fd, end)

    def cut(self, length: int) -> None:
        """Make the file exactly that long."""
        with self._faults("cut"):
            os.ftruncate(self._fd, length)

    def sync(self) -> None:
        """Bring data and length to the disk. A file that somebody took away under us is a fault too."""
        with self._faults("sync"):
            os.fdatasync(self._fd)
            if self.is_gone:
                raise FileNotFoundError(errno.ENOENT, "it was deleted while it was written, or moved")

    @property
    def is_gone(self) -> bool:
        """Whether the file that is open stands no more where it grew. OSError: nobody can tell."""
        for name in (self.part, self.path):  # an earlier process may have renamed it already
            with suppress(FileNotFoundError, NotADirectoryError):
                if os.path.samestat(os.lstat(name), os.fstat(self._fd)):
                    return False
        return True

    def close(self) -> None:
        """Let go of the file; closing twice is the same as once."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with self._faults("close"):
                os.close(fd)

    def remove(self) -> None:
        """Let go of the file and delete it."""
        self.close()
        with self._faults("delete"):
            self.part.unlink(missing_ok=True)

    def _reopen(self, name: Path) -> bool:
        try:
            fd = os.open(name, _FLAGS)
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(errno.EINVAL, NO_FILE)
        self._fd = fd
        self._lock()
        return True

    def _lock(self) -> None:
        with suppress(OSError):  # there are file systems without locks
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _faults(self, doing: str) -> AbstractContextManager[None]:
        return told_apart(doing, self.part)


def is_being_written(path: Path) -> bool:
    """Whether a program has the part of this file open to write it; False where nobody can tell."""
    try:
        fd = os.open(part_of(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def open_to_read(path: Path, *, buffering: int = -1) -> BinaryIO:
    """A regular file, opened to be read in bytes: no link is followed, no FIFO is waited for. OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return os.fdopen(fd, "rb", buffering)
    os.close(fd)
    raise OSError(errno.EINVAL, NO_FILE)


def write_at(fd: int, offset: int, data: bytes) -> None:
    """Write all of it; os.pwrite may do a part and stop, as on a disk just filling."""
    view = memoryview(data)
    while view:
        done = os.pwrite(fd, view, offset)
        view = view[done:]
        offset += done
