"""A recording's file as it stands at one moment, to be read by others while it grows."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recorder.writers import formats
from recorder.writers.layout import part_of

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(slots=True)
class Snapshot:
    """`size` bytes that are on the disk and stay as they are: of a growing file the head as it was, and what it told.

    Close it when done; reading is thread-safe.
    """

    fd: int
    size: int
    growing: bool
    modified_ns: int
    _head: bytes = b""

    @classmethod
    def of(cls, path: Path) -> Self:
        """The file that will stand, or stands, at `path`. FileNotFoundError: neither it nor its part is there. Blocks.

        A growing file in which there is no audio yet has size 0.
        """
        for name in (part_of(path), path, part_of(path)):  # it is renamed once, perhaps while we look
            try:
                fd = os.open(name, _FLAGS)
            except FileNotFoundError:
                continue
            try:
                return cls._of_growing(path, fd) if name != path else cls._of_whole(fd)
            except BaseException:
                os.close(fd)
                raise
        raise FileNotFoundError(f"{path} is not there")

    @classmethod
    def _of_whole(cls, fd: int) -> Self:
        status = os.fstat(fd)
        return cls(fd, status.st_size, growing=False, modified_ns=status.st_mtime_ns)

    @classmethod
    def _of_growing(cls, path: Path, fd: int) -> Self:
        told = formats.told(path, fd)
        os.fdatasync(fd)
        return cls(fd, told.size, growing=True, modified_ns=os.fstat(fd).st_mtime_ns, _head=told.head)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the snapshot, fewer at its end."""
        length = max(0, min(length, self.size - offset))
        if offset < len(self._head):
            return self._head[offset : offset + length]
        return os.pread(self.fd, length, offset)

    def close(self) -> None:
        """Let go of the file; closing twice is the same as once."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)
