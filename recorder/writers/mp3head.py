"""What stands ahead of the audio in an MP3 file: a tag, then a silent packet that tells how long the audio is.

That packet is "Info" of the Xing kind, with LAME's extension: players skip it, take from it the number of packets and
bytes, and leave out the frames that are there for the codec's sake, at the beginning (`DELAY`) and the end (padding).
"""

import struct
from dataclasses import dataclass
from functools import cached_property

from recorder.writers.id3 import tag_bytes
from recorder.writers.mp3packets import HEAD_BYTES, Shape, shape_of

LEAD = 47  # silent frames that LAME hears first: what players skip at the beginning is whole packets then
DELAY = 576 + LEAD  # frames before the audio: LAME's own, and those
DECODER_DELAY = 529  # that decoding adds before them, and that must be left at the end to come out
MOST_HEAD_BYTES = 4096  # of a tag of ours and the packet
_XING = struct.Struct(">4sIII")  # "Info", what follows (1: packets, 2: bytes), packets, bytes
_COUNTS = struct.Struct(">II")  # the last two of those
_LAME_BYTES = 36
_CBR = 1
_PLAIN_PACKETS = 6  # with fewer ffmpeg warns that it may be something else
_MOST_PADDING = 0xFFF
_AT_METHOD, _AT_DELAY, _AT_MUSIC_BYTES, _AT_CRC = 9, 21, 28, 34


@dataclass(frozen=True)
class Head:
    """The head of a file with a `tag`, of packets of `bit_rate`."""

    shape: Shape
    bit_rate: int
    tag: bytes

    @cached_property
    def size(self) -> int:
        """Bytes: where the first packet of audio stands."""
        return len(self.tag) + self._slot

    def pack(self, packets: int, end: int, frames: int) -> bytes:
        """The head, with which a file of so many packets and `end` bytes decodes to that many frames."""
        told, length = bytearray(self._blank), end - len(self.tag)
        counts = HEAD_BYTES + self.shape.side_bytes + _XING.size - _COUNTS.size
        lame = counts + _COUNTS.size
        _COUNTS.pack_into(told, counts, packets, length)
        padding = packets * self.shape.packet_frames - DELAY - frames if packets else 0
        told[lame + _AT_DELAY : lame + _AT_DELAY + 3] = (DELAY << 12 | padding).to_bytes(3, "big")
        struct.pack_into(">I", told, lame + _AT_MUSIC_BYTES, length)
        crc = crc16(told[counts : lame + _AT_CRC], self._crc_of_blank)
        struct.pack_into(">H", told, lame + _AT_CRC, crc)
        return self.tag + told

    @cached_property
    def _blank(self) -> bytes:
        """The packet that tells, with all in it that stays as it is."""
        blank = bytearray(self._slot)
        blank[:HEAD_BYTES] = self.shape.head(self._bit_rate)
        at = HEAD_BYTES + self.shape.side_bytes
        _XING.pack_into(blank, at, b"Info", 3, 0, 0)
        lame = at + _XING.size
        blank[lame : lame + _AT_METHOD] = b"LAME3.100"
        blank[lame + _AT_METHOD] = _CBR
        return bytes(blank)

    @cached_property
    def _crc_of_blank(self) -> int:
        """Of what stands ahead of the first of the counts."""
        return crc16(self._blank[: HEAD_BYTES + self.shape.side_bytes + _XING.size - _COUNTS.size])

    @cached_property
    def _bit_rate(self) -> int:
        """Of the packet that tells: where the audio's are too small, it is a larger one."""
        needed = HEAD_BYTES + self.shape.side_bytes + _XING.size + _LAME_BYTES
        bit_rate = self.shape.room_for(needed, self.bit_rate)
        assert bit_rate is not None
        return bit_rate

    @cached_property
    def _slot(self) -> int:
        return self.shape.length(self._bit_rate)


@dataclass(frozen=True)
class Info:
    """What a head says: the audio begins at `size`, and has so many packets up to byte `end`, and so many frames."""

    shape: Shape
    tag: bytes
    size: int
    packets: int
    end: int
    frames: int


def read_info(start: bytes) -> Info | None:
    """What the head says with which a file begins so; None: it has none, or not all of it."""
    tag = tag_bytes(start)
    shape = shape_of(start[tag : tag + HEAD_BYTES])
    if shape is None:
        return None
    size = tag + shape.lengths[start[tag + 2]]
    at = tag + HEAD_BYTES + shape.side_bytes
    lame = at + _XING.size
    if size > len(start) or start[at : at + 4] != b"Info":
        return None
    if int.from_bytes(start[lame + _AT_CRC : lame + _LAME_BYTES], "big") != crc16(start[tag : lame + _AT_CRC]):
        return None
    _, _, packets, length = _XING.unpack_from(start, at)
    around = int.from_bytes(start[lame + _AT_DELAY : lame + _AT_DELAY + 3], "big")
    frames = packets * shape.packet_frames - (around >> 12) - (around & 0xFFF) if packets else 0
    return Info(shape, start[:tag], size, packets, tag + length, frames)


def frames_in(packets: int, shape: Shape) -> int:
    """How many frames come whole out of so many packets."""
    return max(0, packets * shape.packet_frames - DELAY - DECODER_DELAY)


def packets_for(frames: int, shape: Shape) -> int:
    """How many packets it takes for so many frames to come out whole."""
    return -(-(frames + DELAY + DECODER_DELAY) // shape.packet_frames) if frames else 0


def least_packets(frames: int, shape: Shape) -> int:
    """How many packets a file of so many frames should have, for players to see what it is, as far as it can."""
    return min(_PLAIN_PACKETS, (frames + DELAY + _MOST_PADDING) // shape.packet_frames) if frames else 0


def crc16(data: bytes | bytearray, crc: int = 0) -> int:
    """CRC-16 of polynomial 0x8005, reflected; `crc`: of what stands ahead of the data."""
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC_TABLE = tuple(_crc_of(byte) for byte in range(256))
