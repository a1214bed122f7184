"""The sync thread: what grows comes to the disk twice a second, and behind each flush, by one syncfs per file system.

One call per file system, not one fsync per file: with 64 growing files it takes 5-12 ms instead of 29-93.
"""

import ctypes
import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

log = logging.getLogger(__name__)
_libc = ctypes.CDLL(None, use_errno=True)


class SyncThread:
    """Syncs the file systems of the files that `growing` names, each interval.

        sync = SyncThread(pool.growing, pool.check, pool.has_flushed)
        sync.start()

    `due`, once set, has it begin sooner: what is encoded comes in one piece with each flush, and would wait longest.
    When the kernel says that some write on a file system failed, `suspect` is given its growing files, for each to be
    looked at by itself. Both callables are called on this thread.
    """

    def __init__(
        self,
        growing: Callable[[], Iterable[Path]],
        suspect: Callable[[list[Path]], None],
        due: threading.Event,
        *,
        interval_s: float = 0.5,
        rest_s: float = 0.25,
    ) -> None:
        self._growing = growing
        self._suspect = suspect
        self._due = due
        self._rest_s = rest_s  # at least, between two
        self._wait_s = interval_s - rest_s
        self._stopping = threading.Event()
        self._file_systems: dict[int, int] = {}  # device number: a descriptor, kept open, as it remembers errors told
        self._thread = threading.Thread(target=self._live, name="sync", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Sync once more and end; a disk that does not answer is not waited for. Blocks."""
        self._stopping.set()
        self._due.set()
        self._thread.join(timeout_s)

    def _live(self) -> None:
        while not self._stopping.wait(self._rest_s):
            self._due.wait(self._wait_s)
            self._due.clear()
            self.sync_now()
        self.sync_now()
        self._keep(set())

    def sync_now(self) -> None:
        """Sync every file system on which something grows."""
        on_device: dict[int, list[Path]] = {}
        lost: list[Path] = []
        for part in self._growing():
            try:
                on_device.setdefault(self._device(part), []).append(part)
            except OSError:  # it was taken away, or has just been given its name
                lost.append(part)
        self._keep(set(on_device))
        for device, parts in on_device.items():
            if _libc.syncfs(self._file_systems[device]) != 0:
                log.warning("sync: the file system of %s: %s", parts[0].parent, os.strerror(ctypes.get_errno()))
                lost += parts
        if lost:
            self._suspect(lost)

    def _device(self, part: Path) -> int:
        device = part.stat().st_dev
        if device not in self._file_systems:
            self._file_systems[device] = os.open(part.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return device

    def _keep(self, devices: set[int]) -> None:
        for device in set(self._file_systems) - devices:
            os.close(self._file_systems.pop(device))
