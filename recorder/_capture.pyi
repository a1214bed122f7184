"""What the writing side of the C core offers."""

from os import PathLike
from typing import Literal

class RingWriter:
    """A line's ring, held for writing under flock. One thread at a time; nothing waits for readers.

    After close() every method raises ValueError; closing again does nothing.
    """

    def __init__(self, path: str | PathLike[str], line: str, rate: int, channels: int, capacity: int) -> None:
        """Attach to the ring of this boot and geometry that stands at `path`, else retire it and make a new one.

        `capacity`, in frames, is rounded up to whole pages. BlockingIOError: another writer has it; OSError: the file
        cannot be made; ValueError: an argument.
        """
    def write(self, pcm: bytes) -> None:
        """Append interleaved s16le. ValueError: no whole frames."""
    def write_gap(self, frames: int, cause: Literal["overrun", "restart", "device"]) -> None:
        """Advance over `frames` of silence and log them as missing."""
    def write_anchor(self, frame: int, boottime_ns: int, realtime_ns: int, rate_hz: float) -> None:
        """Log that `frame` was sampled at that moment of CLOCK_BOOTTIME and CLOCK_REALTIME; rate_hz 0: not measured."""
    def set_ended(self) -> None:
        """The input is over: no frame will follow, and the next writer makes a new ring."""
    def set_retired(self) -> None:
        """Tell readers that this file is no longer the line's ring."""
    def lock_memory(self) -> None:
        """Keep this ring's pages in memory. OSError: not allowed."""
    @property
    def head(self) -> int:
        """Frames written so far."""
    @property
    def attached(self) -> bool:
        """The ring was there already and goes on."""
    @property
    def capacity(self) -> int: ...
    def close(self) -> None: ...
