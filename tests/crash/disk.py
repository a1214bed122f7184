"""The LD_PRELOAD library in native/: what a process does to the files below a directory, recorded and made to fail."""

import ctypes
import enum
import mmap
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCES = sorted((Path(__file__).parent / "native").glob("*.c"))
_RECORD = struct.Struct("<IIIIQqQ")


class Op(enum.IntEnum):
    """As in native/disk.h."""

    CREATE = 1
    WRITE = 2
    LENGTH = 3
    ALLOCATE = 4
    RENAME = 5
    LINK = 6
    UNLINK = 7
    MKDIR = 8
    RMDIR = 9
    SYNC_BEGIN = 10
    SYNC_END = 11
    SYNC_ALL_BEGIN = 12
    SYNC_ALL_END = 13
    TOLD = 14
    MARK = 15


@dataclass(frozen=True, slots=True)
class Operation:
    """One record: an operation that was done, what was told to somebody, or a mark of the test's."""

    op: Op
    inode: int
    path: str
    to: str
    offset: int
    data: bytes
    at: float  # Unix s


def build_library(directory: Path) -> Path:
    """Compile native/ into `directory`; the shared object's path."""
    library = directory.resolve() / "disk.so"
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    subprocess.run(["cc", *flags, *map(str, SOURCES), "-o", str(library), "-ldl", "-pthread"], check=True)
    return library


def environment(library: Path, root: Path, *, trace: Path | None = None, faults: Path | None = None) -> dict[str, str]:
    """What a process is started with to be watched below `root`."""
    environ = {"LD_PRELOAD": str(library), "DISK_ROOT": str(root)}
    if trace is not None:
        environ["DISK_TRACE"] = str(trace)
    if faults is not None:
        environ["DISK_FAULTS"] = str(faults)
    return environ


def mark(trace: Path, text: str) -> None:
    """Put a mark behind what was recorded so far."""
    data = text.encode()
    with trace.open("ab", buffering=0) as file:
        file.write(_RECORD.pack(Op.MARK, 0, 0, len(data), 0, 0, time.time_ns()) + data)


def read_trace(trace: Path) -> list[Operation]:
    """All records."""
    content = memoryview(trace.read_bytes())
    found, at = [], 0
    while at < len(content):
        op, path_bytes, to_bytes, data_bytes, inode, offset, time_ns = _RECORD.unpack_from(content, at)
        texts = []
        at += _RECORD.size
        for length in (path_bytes, to_bytes, data_bytes):
            texts.append(bytes(content[at : at + length]))
            at += length
        path, to, data = texts
        found.append(Operation(Op(op), inode, path.decode(), to.decode(), offset, data, time_ns / 1e9))
    return found


class _Fault(ctypes.Structure):
    _fields_ = (
        ("armed", ctypes.c_uint),
        ("classes", ctypes.c_uint32),
        ("error", ctypes.c_uint32),
        ("first", ctypes.c_uint32),
        ("forever", ctypes.c_uint32),
        ("seen", ctypes.c_uint),
        ("failed", ctypes.c_uint),
        ("path", ctypes.c_char * 100),
    )


class Faults:
    """The switch, shared with the process that is to suffer."""

    WRITES, SYNCS, REMOVALS = 1, 2, 4

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(ctypes.sizeof(_Fault)))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 0)
        self._fault = _Fault.from_buffer(self._shared)

    def arm(self, path: str, error: int, *, classes: int, first: int = 0, forever: bool = False) -> None:
        """Let the operation number `first` of these fail, and with `forever` all behind it."""
        self.disarm()
        fault = self._fault
        fault.path, fault.error, fault.classes = path.encode(), error, classes
        fault.first, fault.forever, fault.seen, fault.failed = first, forever, 0, 0
        fault.armed = 1

    def disarm(self) -> None:
        """The disk is well again."""
        self._fault.armed = 0

    @property
    def seen(self) -> int:
        """Operations that counted since `arm`."""
        return int(self._fault.seen)

    @property
    def failed(self) -> int:
        """Those of them that failed."""
        return int(self._fault.failed)


@contextmanager
def memory_directory() -> Iterator[Path]:
    """A directory whose syncs cost nothing, where there is one."""
    import tempfile

    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if os.access(shm, os.W_OK) else None) as path:
        yield Path(path)
