"""A line's checkpoint: a small file in tmpfs that a kill at any moment cannot spoil.

Two slots of equal size; each write goes to the one that does not hold the newest payload, so that one is always
whole. A slot is a header and a payload, guarded by one checksum; what was torn or is of another layout is passed over.
"""

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

LAYOUT = 1
MAGIC = b"RECSLOT\0"
_HEADER = struct.Struct("<8sIIQQ")  # magic, layout, CRC-32 of all that follows, sequence, payload bytes
_GUARDED = struct.Struct("<QQ")
_LEAST_SLOT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _Slot:
    index: int
    sequence: int
    payload: bytes


class StateFile:
    """The newest of the payloads written to `path`, mode 0600, for one process at a time.

    Nothing is synced: in tmpfs a write survives the process at once, and no boot.
    """

    def __init__(self, path: Path) -> None:
        """Open what is there, whole or not; the file itself is made by the first write. OSError: it cannot be read."""
        self._path = path
        self._fd = -1
        self._slot_bytes = 0
        self._newest: _Slot | None = None
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        self._slot_bytes = os.fstat(self._fd).st_size // 2
        found = [slot for index in (0, 1) if (slot := self._read_slot(index)) is not None]
        self._newest = max(found, key=lambda slot: slot.sequence, default=None)

    def read(self) -> bytes | None:
        """Give the newest payload that is whole, None if there is none."""
        return None if self._newest is None else self._newest.payload

    def write(self, payload: bytes) -> None:
        """Make this the newest payload. OSError (a full tmpfs): the one before it stays the newest."""
        sequence = 1 if self._newest is None else self._newest.sequence + 1
        index = 0 if self._newest is None else 1 - self._newest.index
        slot = _packed(sequence, payload)
        if len(slot) > self._slot_bytes:
            index = 0
            self._grow(slot)
        else:
            _write_at(self._fd, slot, index * self._slot_bytes)
        self._newest = _Slot(index, sequence, payload)

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; it stays."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read_slot(self, index: int) -> _Slot | None:
        slot = os.pread(self._fd, self._slot_bytes, index * self._slot_bytes)
        if len(slot) < _HEADER.size:
            return None
        magic, layout, crc, sequence, size = _HEADER.unpack_from(slot)
        payload = slot[_HEADER.size : _HEADER.size + size]
        if (magic, layout) != (MAGIC, LAYOUT) or len(payload) != size or crc != _crc(sequence, payload):
            return None
        return _Slot(index, sequence, payload)

    def _grow(self, slot: bytes) -> None:
        """Put a file with room for payloads twice this size in the old one's place, this slot in it."""
        slot_bytes = max(_LEAST_SLOT_BYTES, 2 * len(slot))
        temporary = self._path.with_name(self._path.name + ".new")
        temporary.unlink(missing_ok=True)
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(fd, 0, 2 * slot_bytes)
            _write_at(fd, slot, 0)
            temporary.rename(self._path)
        except BaseException:
            os.close(fd)
            temporary.unlink(missing_ok=True)
            raise
        self.close()
        self._fd, self._slot_bytes = fd, slot_bytes


def _crc(sequence: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(_GUARDED.pack(sequence, len(payload))))


def _packed(sequence: int, payload: bytes) -> bytes:
    return _HEADER.pack(MAGIC, LAYOUT, _crc(sequence, payload), sequence, len(payload)) + payload


def _write_at(fd: int, data: bytes, offset: int) -> None:
    """Write all of it; os.pwrite may do a part and stop, as on a disk just filling."""
    view = memoryview(data)
    while view:
        done = os.pwrite(fd, view, offset)
        view = view[done:]
        offset += done
