"""What every format's writer can do. Positions are file frames; a repeat of any call leaves the same bytes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says of itself, where its format has a place for it."""

    recording_id: str
    call_id: str
    start_time: float  # Unix s of the first frame


@dataclass(frozen=True, slots=True)
class Codecs:
    """How the lossy formats are encoded. A bit rate, in kbit/s, of 0 goes by sampling rate and channels."""

    mp3_bit_rate: int = 0
    mp3_quality: int = 5  # LAME's: 0 best, 9 fastest
    mp4_bit_rate: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What a writer has to know of its file before it opens it.

    `most_frames`: it will not grow longer. `root`: directories between it and the file are made. `resume`: what an
    earlier process left is gone on with.
    """

    path: Path
    rate: int
    channels: int
    most_frames: int
    root: Path | None = None
    resume: bool = False
    tags: Tags | None = None
    codecs: Codecs = field(default_factory=Codecs)


@dataclass(frozen=True, slots=True)
class Audio:
    """What a file holds."""

    frames: int
    rate: int  # Hz; 0 where nothing could be read
    channels: int
    size: int  # bytes
    tags: Tags | None = field(default=None, compare=False)  # what it says of itself, if anything; to be checked


@dataclass(frozen=True, slots=True)
class Told:
    """A growing file as it describes itself: `size` bytes that stay as they are but for their beginning, `head`.

    Where it tells of no audio yet, nothing.
    """

    head: bytes = b""
    size: int = 0


class Writer(Protocol):
    """One growing file of audio. Each method may raise WriteError, after which `frames` says what is safe.

    One thread at a time; open first, close or discard last. Until it is sealed the file stands at `part`.

    Of a file that is gone on with, what was appended last is appended again, and then what comes: audio below `frames`
    is in the file. An encoder hears it, to be in the middle of things when it comes to what is not.
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
    def gather_s(self) -> float:
        """How much audio it should be given at once, in seconds, for a write to be worth its cost."""

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
