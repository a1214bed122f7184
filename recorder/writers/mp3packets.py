"""The packets of an MP3 stream. The standard calls them frames; here a frame is one sample per channel.

ISO 11172-3 (MPEG-1: 32 kHz and more) and 13818-3 (MPEG-2 and its 2.5: less), layer III. A packet is a head of 4 bytes,
side information, and a slot for main data; a packet's main data may begin `main_data_begin` bytes of slot earlier.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

HEAD_BYTES = 4
_RATES = (44100, 48000, 32000)  # of MPEG-1; 2 has the half, 2.5 the quarter
_BIT_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)  # kbit/s; 0: free, or forbidden
_BIT_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MONO, _JOINT = 3, 1
_UNPADDED, _PADDED = 0, 2


@dataclass(frozen=True)
class Shape:
    """What all packets of a stream share."""

    rate: int
    channels: int

    @cached_property
    def packet_frames(self) -> int:
        """Frames of a packet."""
        return 1152 if self._is_1 else 576

    @cached_property
    def side_bytes(self) -> int:
        """Bytes of side information."""
        if self._is_1:
            return 17 if self.channels == 1 else 32
        return 9 if self.channels == 1 else 17

    @property
    def bit_rates(self) -> tuple[int, ...]:
        """What a packet may have, in kbit/s."""
        return tuple(filter(None, self._bit_rates))

    @property
    def most_encoded(self) -> int:
        """The highest bit rate that LAME takes at this rate."""
        return 64 if self._divisor == 4 else self.bit_rates[-1]

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """Bytes of a packet by the third byte of its head; 0: it is none of this stream."""
        return tuple(self._length(byte) for byte in range(256))

    def head(self, bit_rate: int) -> bytes:
        """The head of a packet of that bit rate, unpadded."""
        third = self._bit_rates.index(bit_rate) << 4 | self._rate_bits << 2 | _UNPADDED
        mode = _MONO if self.channels == 1 else _JOINT
        return bytes((0xFF, self._second, third, mode << 6))

    def length(self, bit_rate: int) -> int:
        """Bytes of such a packet."""
        return self.lengths[self.head(bit_rate)[2]]

    def silent(self, bit_rate: int) -> bytes:
        """A packet without main data."""
        return self.head(bit_rate).ljust(self.length(bit_rate), b"\0")

    def room_for(self, size: int, bit_rate: int = 0) -> int | None:
        """The least bit rate, from `bit_rate` on, of a packet with room for so many bytes; None: no packet has."""
        fitting = (each for each in self.bit_rates if each >= bit_rate and self.length(each) >= size)
        return next(fitting, None)

    def is_head(self, head: bytes) -> bool:
        """Whether a packet of this stream may begin so."""
        return (
            len(head) >= HEAD_BYTES
            and head[0] == 0xFF
            and head[1] == self._second
            and self.lengths[head[2]] > 0
            and (head[3] >> 6 == _MONO) == (self.channels == 1)
        )

    def ends(self, data: bytes) -> Iterator[int]:
        """Where each packet ends of those that stand whole at the beginning of `data`."""
        at, last, second, lengths = 0, len(data) - HEAD_BYTES, self._second, self.lengths
        while at <= last and data[at] == 0xFF and data[at + 1] == second:
            length = lengths[data[at + 2]]
            at += length
            if length == 0 or at > len(data):
                return
            yield at

    def slot(self, packet: bytes) -> bytes:
        """The bytes for main data of a packet."""
        return packet[HEAD_BYTES + self.side_bytes :]

    def main_data_begin(self, packet: bytes) -> int:
        """How many bytes of slots before its own its main data begins."""
        bits = self.begin_bits
        return int.from_bytes(packet[HEAD_BYTES : HEAD_BYTES + 2], "big") >> (16 - bits)

    @property
    def begin_bits(self) -> int:
        """Bits of main_data_begin, with which the side information begins."""
        return 9 if self._is_1 else 8

    def main_data_bytes(self, packet: bytes) -> int:
        """Bytes of main data of a packet: the part2_3_length of each granule and channel."""
        side = int.from_bytes(packet[HEAD_BYTES : HEAD_BYTES + self.side_bytes], "big")
        size, channels = self.side_bytes * 8, self.channels
        if self._is_1:
            first, each, parts = 9 + (5 if channels == 1 else 3) + 4 * channels, 59, 2 * channels
        else:
            first, each, parts = 8 + channels, 63, channels
        bits = sum(side >> (size - first - each * part - 12) & 0xFFF for part in range(parts))
        return -(-bits // 8)

    @property
    def _is_1(self) -> bool:
        return self.rate in _RATES

    @cached_property
    def _bit_rates(self) -> tuple[int, ...]:
        return _BIT_RATES_1 if self._is_1 else _BIT_RATES_2

    @cached_property
    def _divisor(self) -> int:
        return next(each for each in (1, 2, 4) if self.rate * each in _RATES)

    @cached_property
    def _rate_bits(self) -> int:
        return _RATES.index(self.rate * self._divisor)

    @cached_property
    def _second(self) -> int:
        version = {1: 3, 2: 2, 4: 0}[self._divisor]
        return 0xE0 | version << 3 | 1 << 1 | 1  # layer III, no CRC

    def _length(self, third: int) -> int:
        bit_rate = self._bit_rates[third >> 4]
        if bit_rate == 0 or third >> 2 & 3 != self._rate_bits:
            return 0
        padding = 1 if third & _PADDED else 0
        return self.packet_frames // 8 * bit_rate * 1000 // self.rate + padding


def shape_of(head: bytes) -> Shape | None:
    """The shape of a stream with a packet that begins so, at a rate that we write; None: no packet."""
    for rate in (8000, 16000, 44100, 48000):
        for channels in (1, 2):
            if Shape(rate, channels).is_head(head):
                return Shape(rate, channels)
    return None
