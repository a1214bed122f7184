"""Where a writer takes its audio from."""

from dataclasses import dataclass
from typing import Protocol

from recorder._dsp import mix
from recorder.contract.parameters import Direction


class Source(Protocol):
    """Audio that can be read by frame number: a line's ring, or a WAV file."""

    @property
    def rate(self) -> int:
        """Frames per second."""

    @property
    def channels(self) -> int:
        """1 (speak) or 2 (speak, listen)."""

    @property
    def head(self) -> int:
        """The first frame that cannot be read yet."""

    def read(self, first: int, frames: int) -> bytes:
        """Interleaved s16le. recorder._dsp.Overtaken: some is gone; ValueError: some is not there yet."""


@dataclass(frozen=True, slots=True)
class Mixing:
    """How the channels of a line become those of a file (docs/parameters.md: direction and stereo)."""

    line_channels: int
    direction: Direction
    stereo: bool

    @property
    def channels(self) -> int:
        """Channels of the file: 2 for stereo `both` of a line that has both, else 1."""
        return 2 if self.stereo and self.direction == "both" and self.line_channels == 2 else 1

    def of(self, pcm: bytes) -> bytes:
        """Give the line's frames as they stand in the file."""
        return mix(pcm, self.line_channels, self.direction, self.stereo)
