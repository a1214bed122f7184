"""What the writing side of the C core offers."""

from collections.abc import Sequence
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

class Intake:
    """A device's input, taken by a C callback into the rings of its lines; see ext/include/capture.h.

    Frames lost before, between and by earlier writers of the rings are filled and logged as gaps. It must live, and
    its rings stay open, until PortAudio has left the stream.
    """

    rate: int
    channels: int
    callback_address: int  # of a PaStreamCallback
    finished_address: int  # of a PaStreamFinishedCallback
    user_address: int  # what both are to be given
    def __init__(self, rate: int, channels: int, cause: Literal["restart", "device"]) -> None:
        """`cause`: why frames are missing before the first. ValueError: a cause, rate or number of channels."""
    def add(self, ring: RingWriter, channel_map: Sequence[int]) -> None:
        """Device channel channel_map[c] becomes the ring's channel c. ValueError: no such channel. Before the start."""
    @property
    def finished(self) -> bool:
        """PortAudio's thread has left the stream."""
    def counters(self) -> dict[str, int]:
        """callbacks, frames, overflows, underflows, gaps, lost_frames so far."""

class Playback:
    """Mono s16le played once to an output device by a C callback; see ext/include/playback.h."""

    rate: int
    channels: int
    callback_address: int
    finished_address: int
    user_address: int
    def __init__(self, pcm: bytes, rate: int, channels: int) -> None:
        """The same on all `channels`. ValueError: no frames, rate or channels."""
    def cut(self) -> None:
        """End it now."""
    @property
    def started_ns(self) -> int:
        """CLOCK_BOOTTIME at which its first sample sounds; 0: not known yet."""
    @property
    def ended_ns(self) -> int:
        """CLOCK_BOOTTIME at which its last sample is over; 0: not known yet."""
    @property
    def finished(self) -> bool:
        """PortAudio's thread has left the stream."""

def tone(rate: int, hz: float, seconds: float, dbfs: float) -> bytes:
    """A sine, mono s16le, with 5 ms edges. `dbfs`: its peak against full scale. ValueError: above rate / 2, > 60 s."""
