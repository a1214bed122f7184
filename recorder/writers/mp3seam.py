"""Where an encoder takes over from one that was killed: the first packet of its own carries all that it refers to."""

from collections.abc import Sequence

from recorder.writers.mp3packets import HEAD_BYTES, Shape

_RUN_UP_S = 2  # heard ahead of the first that is kept; then what it remembers is what one would that had heard all


def self_contained(shape: Shape, before: Sequence[bytes], packet: bytes) -> bytes:
    """The packet with its main data in its own slot, in a larger one; `before` has the packets made before it.

    What in its slot belongs to the packets after it keeps its place at the slot's end, where they look for it. Where no
    slot is large enough, the packet as it is: at `fitting` bit rates there is one.
    """
    own = shape.slot(packet)
    begin = shape.main_data_begin(packet)
    if begin == 0:
        return packet
    slots = b"".join(map(shape.slot, before)) + own
    needed = slots[len(slots) - len(own) - begin :]
    bit_rate = shape.room_for(HEAD_BYTES + shape.side_bytes + len(needed))
    if bit_rate is None:
        return packet
    room = shape.length(bit_rate) - HEAD_BYTES - shape.side_bytes
    used = shape.main_data_bytes(packet)
    head = shape.head(bit_rate)[:3] + packet[3:HEAD_BYTES]  # the last byte has the packet's own stereo mode
    return head + _from_here(shape, packet) + needed[:used] + bytes(room - len(needed)) + needed[used:]


def _from_here(shape: Shape, packet: bytes) -> bytes:
    """The side information with main_data_begin 0."""
    side = int.from_bytes(packet[HEAD_BYTES : HEAD_BYTES + shape.side_bytes], "big")
    kept = shape.side_bytes * 8 - shape.begin_bits
    return (side & (1 << kept) - 1).to_bytes(shape.side_bytes, "big")


def fitting(shape: Shape, bit_rate: int) -> int:
    """The nearest bit rate from this on, if there is one, at which a packet finds a slot for all that it refers to."""
    farthest = (1 << shape.begin_bits) - 1
    most = shape.length(shape.bit_rates[-1])
    taken = (each for each in shape.bit_rates if each <= shape.most_encoded)
    fit = [each for each in taken if shape.length(each) + 1 + farthest <= most]
    return next((each for each in fit if each >= bit_rate), fit[-1])


def run_up_packets(shape: Shape) -> int:
    """How many packets are encoded ahead of the first that is kept."""
    return -(-shape.rate * _RUN_UP_S // shape.packet_frames)
