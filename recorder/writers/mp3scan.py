"""The packets that a file holds, counted from its first to the last whole one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from recorder.writers.mp3head import Info, frames_in
from recorder.writers.mp3packets import HEAD_BYTES, Shape

_PIECE_BYTES = 1 << 18  # far more than a packet

Read = Callable[[int, int], bytes]  # offset, length -> bytes, short at the end


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands whole in a file: packets, where they end, the frames that come out, and the first one's bit rate."""

    packets: int
    end: int
    frames: int
    bit_rate: int  # kbit/s; 0 where there is no packet


def scan(read: Read, info: Info) -> Scan:
    """The packets of a file with that head. What it says of itself is believed only where it agrees."""
    packets, before, end = 0, info.size, info.size
    for place in _ends(read, info.shape, info.size):
        packets, before, end = packets + 1, end, place
    behind = read(end, HEAD_BYTES)
    if packets and len(behind) == HEAD_BYTES and not info.shape.is_head(behind):
        packets, end = packets - 1, before  # what came to the disk around a hole ends where the hole begins, or before
    told = packets == info.packets and end == info.end
    return Scan(
        packets, end, info.frames if told else frames_in(packets, info.shape), _bit_rate(read, info) if packets else 0
    )


def place_of(packet: int, read: Read, shape: Shape, first: int) -> int:
    """Where the packet of that number stands, in a file whose first stands at `first`."""
    return next(islice(_ends(read, shape, first), packet - 1, None)) if packet else first


def _bit_rate(read: Read, info: Info) -> int:
    third = read(info.size, HEAD_BYTES)[2]
    return next(each for each in info.shape.bit_rates if info.shape.head(each)[2] >> 4 == third >> 4)


def _ends(read: Read, shape: Shape, first: int) -> Iterator[int]:
    """Where each packet ends that stands whole behind the others."""
    while data := read(first, _PIECE_BYTES):
        end = 0
        for end in shape.ends(data):
            yield first + end
        if end == 0:
            return
        first += end
