"""The boxes of an MP4 file (ISO/IEC 14496-12): a size, four letters, and what they hold."""

import struct
from collections.abc import Iterator

_HEADER = struct.Struct(">I4s")
HEADER_BYTES = _HEADER.size
FULL_HEADER_BYTES = HEADER_BYTES + 4  # with version and flags


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of these parts."""
    content = b"".join(parts)
    return _HEADER.pack(HEADER_BYTES + len(content), kind) + content


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box that says its version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def header(data: bytes, at: int = 0) -> tuple[int, bytes]:
    """The size, header included, and the kind of the box that begins there. ValueError: the data ends before."""
    if len(data) < at + HEADER_BYTES:
        raise ValueError("the data ends within the header of a box")
    size, kind = _HEADER.unpack_from(data, at)
    return size, kind


def find(data: bytes, *path: bytes) -> tuple[int, int]:
    """Where the box at that path of kinds begins and ends. ValueError: it is not there.

    A path may step over what stands in front of the boxes in a box, as b"stsd+8".
    """
    start, end, inside = 0, len(data), 0
    for step in path:
        kind, _, skip = step.partition(b"+")
        start, end = _child(data, inside, end, kind)
        inside = start + HEADER_BYTES + int(skip or 0)
    return start, end


def children(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The kind, beginning and end of each box between these places. ValueError: one does not fit there."""
    while at < end:
        size, kind = header(data, at)
        if not HEADER_BYTES <= size <= end - at:
            raise ValueError(f"a box of {size} bytes does not fit where it stands")
        yield kind, at, at + size
        at += size


def _child(data: bytes, at: int, end: int, wanted: bytes) -> tuple[int, int]:
    for kind, start, behind in children(data, at, end):
        if kind == wanted:
            return start, behind
    raise ValueError(f"no box {wanted.decode('latin-1')}")
