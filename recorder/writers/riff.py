"""The head of a WAV file of 16-bit PCM, plain or able to pass 4 GiB.

Plain: RIFF, fmt, data: 44 bytes. With room: a JUNK chunk of 28 bytes stands before fmt; when a size no longer fits 32
bits it becomes ds64 and the file RF64, the 32-bit sizes all ones (EBU Tech 3306, section 3).
"""

import struct
from dataclasses import dataclass

SAMPLE_BYTES = 2
_HIGHEST_RATE = 1_000_000  # no sound card's; its bytes per second fit 32 bits
_ALL_ONES = 0xFFFFFFFF
_RIFF_UNCOUNTED = 8  # a chunk's size counts neither its id nor itself
_RIFF = struct.Struct("<4sI4s")
_DS64 = struct.Struct("<4sIQQQI")  # id, 28, RIFF bytes, data bytes, frames, table entries
_FMT = struct.Struct("<4sIHHIIHH")  # id, 16, PCM, channels, rate, bytes per second, bytes per frame, bits
_DATA = struct.Struct("<4sI")
_PLAIN_BYTES = _RIFF.size + _FMT.size + _DATA.size
_ROOMY_BYTES = _PLAIN_BYTES + _DS64.size
START_BYTES = _ROOMY_BYTES


@dataclass(frozen=True, slots=True)
class WavHead:
    """Rate, channels, and whether there is room for 64-bit sizes."""

    rate: int
    channels: int
    roomy: bool

    @classmethod
    def for_frames(cls, rate: int, channels: int, most_frames: int) -> "WavHead":
        """Give a plain head if that many frames fit it, else a roomy one."""
        plain = cls(rate, channels, roomy=False)
        return plain if most_frames <= plain.most_frames else cls(rate, channels, roomy=True)

    @classmethod
    def found(cls, start: bytes) -> "WavHead | None":
        """Read the head of a file that begins so, in START_BYTES if it has them. ValueError: it is something else.

        None: the head, the first thing written, was cut or never came to the disk, so the file holds no audio.
        """
        if not start.strip(b"\0"):
            return None
        try:
            return cls.parse(start)
        except ValueError:
            if len(start) < START_BYTES:
                return None
            raise

    @classmethod
    def parse(cls, head: bytes) -> "WavHead":
        """Read a head that `pack` made, its sizes aside. ValueError: it is none."""
        roomy = head[_RIFF.size : _RIFF.size + 4] in {b"JUNK", b"ds64"}
        fmt_at = _RIFF.size + (_DS64.size if roomy else 0)
        if len(head) < fmt_at + _FMT.size + _DATA.size:
            raise ValueError("too short for the head of a WAV file")
        _, _, _, channels, rate, *_ = _FMT.unpack_from(head, fmt_at)
        found = cls(rate, channels, roomy)
        same = slice(fmt_at, fmt_at + _FMT.size + 4)
        ours = head[:4] in {b"RIFF", b"RF64"} and channels in {1, 2} and 0 < rate <= _HIGHEST_RATE
        if not ours or head[same] != found.pack(0)[same]:
            raise ValueError("not the head of a WAV file that was written here")
        return found

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * SAMPLE_BYTES

    @property
    def size(self) -> int:
        """Bytes of the head: where the first frame stands."""
        return _ROOMY_BYTES if self.roomy else _PLAIN_BYTES

    @property
    def most_frames(self) -> int:
        """Frames that 32-bit sizes can tell."""
        return (_ALL_ONES + _RIFF_UNCOUNTED - self.size) // self.frame_bytes

    def data_bytes(self, start: bytes) -> int:
        """Give the bytes of audio of which a file that begins so tells."""
        if start[:4] == b"RF64":
            return int(_DS64.unpack_from(start, _RIFF.size)[3])
        return int(_DATA.unpack_from(start, self.size - _DATA.size)[1])

    def pack(self, frames: int) -> bytes:
        """Give the head of a file of that many frames. ValueError: a plain head cannot tell so many."""
        data_bytes = frames * self.frame_bytes
        riff_bytes = self.size + data_bytes - _RIFF_UNCOUNTED
        fmt = _FMT.pack(
            b"fmt ", 16, 1, self.channels, self.rate, self.rate * self.frame_bytes, self.frame_bytes, SAMPLE_BYTES * 8
        )
        if frames <= self.most_frames:
            junk = _DS64.pack(b"JUNK", _DS64.size - 8, 0, 0, 0, 0) if self.roomy else b""
            return _RIFF.pack(b"RIFF", riff_bytes, b"WAVE") + junk + fmt + _DATA.pack(b"data", data_bytes)
        if not self.roomy:
            raise ValueError(f"{frames} frames do not fit a WAV file without 64-bit sizes")
        ds64 = _DS64.pack(b"ds64", _DS64.size - 8, riff_bytes, data_bytes, frames, 0)
        return _RIFF.pack(b"RF64", _ALL_ONES, b"WAVE") + ds64 + fmt + _DATA.pack(b"data", _ALL_ONES)
