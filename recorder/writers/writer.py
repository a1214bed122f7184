"""What every format's writer can do. Positions are file frames; a repeat of any call leaves the same bytes."""

from pathlib import Path
from typing import Protocol


class Writer(Protocol):
    """One growing file of audio. Each method may raise WriteError, after which `frames` says what is safe.

    One thread at a time; open first, close or discard last. Until it is sealed the file stands at `part`.
    """

    @property
    def path(self) -> Path:
        """Where the file will be when it is whole."""

    @property
    def part(self) -> Path:
        """Where it grows."""

    @property
    def rate(self) -> int:
        """Frames per second."""

    @property
    def frames(self) -> int:
        """Frames handed to the operating system and told by the file itself."""

    def open(self) -> None:
        """Make the file, or go on with the one that an earlier process left."""

    def append(self, file_frame: int, pcm: bytes) -> None:
        """Write interleaved s16le frames from that frame on."""

    def silence(self, file_frame: int, frames: int) -> None:
        """Write silence from that frame on, at next to no cost."""

    def sync(self) -> None:
        """Bring the file to the disk; WriteError if a write failed behind our back, or the file was deleted."""

    def close(self, frames: int) -> int:
        """End the file at exactly that many frames, bring it to the disk and let go of it. Gives its size in bytes."""

    def discard(self) -> None:
        """Let go of the file and delete it."""
