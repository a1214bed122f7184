"""The head of an MP4 file that grows: what kind of audio it is, whose, and how long by now.

ftyp, moov, and a `free` box, which players pass over, that tells how many bytes and packets stand behind it. All of it
is of one size from the first write on: as the file grows, durations and counts are written over in place.
"""

import struct
import zlib
from dataclasses import dataclass

from recorder.writers.aac import DELAY_FRAMES, PACKET_FRAMES
from recorder.writers.mp4_boxes import HEADER_BYTES, box, header
from recorder.writers.mp4_movie import Movie, duration, durations_at, lasting
from recorder.writers.mp4_tags import tag_box
from recorder.writers.writer import Tags

MOST_BYTES = 4096  # of a head: a page, so that it is written and read as one
_SECTOR = 512  # bytes that a disk writes as one
_1904_S = 2_082_844_800  # from MP4's epoch to that of Unix
_FTYP = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso5iso6mp41")
_COUNTS = struct.Struct(">4sQQ")  # "told", bytes of the file, packets in it
_CRC = struct.Struct(">I")
_TOLD_BYTES = HEADER_BYTES + _COUNTS.size + _CRC.size


@dataclass(frozen=True, slots=True)
class Growth:
    """How far a file has come: `frames` to be heard, in `packets`, in `size` bytes, the head among them."""

    frames: int
    packets: int
    size: int


@dataclass(frozen=True, slots=True)
class Mp4Head:
    """The head of one file: `moov` as it stands while there is no audio in it."""

    rate: int
    channels: int
    moov: bytes
    durations_at: tuple[int, ...]  # in it

    @classmethod
    def make(cls, rate: int, channels: int, bit_rate: int, tags: Tags | None) -> "Mp4Head":
        """The head of a new file. ValueError: AAC has no such rate, or the tags are too long."""
        created_s = int(tags.start_time) + _1904_S if tags else 0
        made = cls._of(Movie(rate, channels, bit_rate, created_s, tag_box(tags)))
        if made.size > MOST_BYTES:
            raise ValueError(f"a head of {made.size} bytes")
        return made

    @classmethod
    def found(cls, start: bytes) -> "Mp4Head | None":
        """Read the head of a file that begins so, in MOST_BYTES if it has them. ValueError: it is something else.

        None: the head, the first thing written, was cut or never came to the disk, so the file holds no audio.
        """
        if _never_came(start[:_SECTOR]):
            return None
        if start[: len(_FTYP)] != _FTYP[: len(start)]:
            raise ValueError("not the head of an MP4 file that was written here")
        if len(start) < len(_FTYP) + HEADER_BYTES:
            return None
        size, _ = header(start, len(_FTYP))
        if size > MOST_BYTES:
            raise ValueError(f"a head of {size} bytes")
        moov = start[len(_FTYP) : len(_FTYP) + size]
        end = len(_FTYP) + size + _TOLD_BYTES
        if len(start) < end or any(_never_came(start[at : min(at + _SECTOR, end)]) for at in range(0, end, _SECTOR)):
            return None
        return cls._of(Movie.parse(moov))

    @classmethod
    def _of(cls, movie: Movie) -> "Mp4Head":
        moov = movie.pack()
        return cls(movie.rate, movie.channels, moov, durations_at(moov))

    @property
    def size(self) -> int:
        """Bytes of the head: where the first fragment stands."""
        return len(_FTYP) + len(self.moov) + _TOLD_BYTES

    def pack(self, growth: Growth) -> bytes:
        """The head of a file that has come so far."""
        counts = _COUNTS.pack(b"told", growth.size, growth.packets)
        told = box(b"free", counts, _CRC.pack(zlib.crc32(counts)))
        padding = max(0, growth.packets * PACKET_FRAMES - DELAY_FRAMES - growth.frames)
        return _FTYP + lasting(self.moov, self.durations_at, growth.frames, padding) + told

    def told(self, start: bytes) -> Growth | None:
        """How far a file that begins so says it has come; None: that was torn as it was written."""
        frames = duration(start[len(_FTYP) : self.size - _TOLD_BYTES], self.durations_at)
        _, size, packets = _COUNTS.unpack_from(start, self.size - _CRC.size - _COUNTS.size)
        if frames is None or start[: self.size] != self.pack(Growth(frames, packets, size)):
            return None
        return Growth(frames, packets, size)


def _never_came(sector: bytes) -> bool:
    """Whether that part of a head is not on the disk: none of it is all zeros as it was written."""
    return not sector.strip(b"\0")
