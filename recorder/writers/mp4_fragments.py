"""The fragments of an MP4 file: a moof box that tells of some packets, and an mdat box that holds them.

In the moof a `free` box, which players pass over, holds a CRC-32 of both: so a fragment that a power cut tore in the
middle is told from a whole one.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from recorder.writers.aac import PACKET_FRAMES
from recorder.writers.mp4_boxes import HEADER_BYTES, header
from recorder.writers.mp4_movie import TRACK

_BASE_IS_MOOF = 0x20000  # tfhd: where packets stand is counted from their moof
_OFFSET_AND_SIZES = 0x201  # trun: it says where the packets stand, and how long each is
_MOST_MOOF_BYTES = 4096
_MOST_MDAT_BYTES = 1 << 20
_MOOF = struct.Struct(  # up to the sizes of its packets
    ">I4s"  # moof
    "I4sII"  # mfhd: version and flags, number of the fragment
    "I4s"  # traf
    "I4sII"  # tfhd: version and flags, track
    "I4sIQ"  # tfdt: version and flags, time of the first packet
    "I4sIIi"  # trun: version and flags, packets, where they stand
)
_CRC = struct.Struct(">I4sI")  # a free box
_HEADER = struct.Struct(">I4s")
_VERSION_1 = 1 << 24


@dataclass(frozen=True, slots=True)
class Place:
    """A fragment as it stands in a file."""

    first: int  # of its packets, counted in the file
    packets: list[bytes]
    offset: int
    end: int


def packets_at_once(rate: int) -> int:
    """The packets of a fragment: half a second of audio."""
    return rate // 2000


def fragment(first: int, packets: Sequence[bytes]) -> bytes:
    """The fragment of these packets, `first` being the number of the first of them in the file."""
    content = b"".join(packets)
    sizes = struct.pack(f">{len(packets)}I", *map(len, packets))
    moof_bytes = _MOOF.size + len(sizes) + _CRC.size
    start = _MOOF.pack(
        *(moof_bytes, b"moof"),
        *(16, b"mfhd", 0, first + 1),  # numbers that rise are enough
        *(moof_bytes - 24 - _CRC.size, b"traf"),
        *(16, b"tfhd", _BASE_IS_MOOF, TRACK),
        *(20, b"tfdt", _VERSION_1, first * PACKET_FRAMES),
        *(20 + len(sizes), b"trun", _OFFSET_AND_SIZES, len(packets), moof_bytes + HEADER_BYTES),
    )
    moof = start + sizes
    check = _CRC.pack(_CRC.size, b"free", zlib.crc32(content, zlib.crc32(moof)))
    return moof + check + _HEADER.pack(HEADER_BYTES + len(content), b"mdat") + content


def places(read: Callable[[int, int], bytes], offset: int, first: int) -> Iterator[Place]:
    """The whole fragments that follow on one another from that offset and packet on; `read(offset, length)` reads."""
    while (place := _place(read, offset, first)) is not None:
        yield place
        offset, first = place.end, place.first + len(place.packets)


def _place(read: Callable[[int, int], bytes], offset: int, first: int) -> Place | None:
    start = read(offset, _MOST_MOOF_BYTES)
    try:
        moof_bytes = _size(start, b"moof", _MOST_MOOF_BYTES - HEADER_BYTES)
        mdat_bytes = _size(start[moof_bytes:], b"mdat", _MOST_MDAT_BYTES)
        sizes = struct.unpack_from(f">{(moof_bytes - _MOOF.size - _CRC.size) // 4}I", start, _MOOF.size)
    except (ValueError, struct.error):
        return None
    found = read(offset, moof_bytes + mdat_bytes)
    ends = list(accumulate(sizes, initial=moof_bytes + HEADER_BYTES))
    packets = [found[a:b] for a, b in pairwise(ends)]
    return Place(first, packets, offset, offset + len(found)) if packets and found == fragment(first, packets) else None


def _size(start: bytes, wanted: bytes, most: int) -> int:
    size, kind = header(start)
    if kind != wanted or not HEADER_BYTES < size <= most:
        raise ValueError("another box")
    return size
