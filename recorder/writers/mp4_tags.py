"""What an MP4 file says of itself, where players look for it: iTunes' metadata, moov/udta/meta/ilst."""

import struct
from datetime import UTC, datetime

from recorder.writers.aac import DELAY_FRAMES
from recorder.writers.mp4_boxes import FULL_HEADER_BYTES, HEADER_BYTES, box, children, find, full_box
from recorder.writers.writer import Tags

_UTF8 = 1  # the well-known type of a value
_VALUE_AT = HEADER_BYTES + 8  # in its box, behind type and locale


def tag_box(tags: Tags | None) -> bytes:
    """The udta box: the time of the first frame as the date, recording_id and call_id under their own names.

    Its last bytes are `gapless(0, 0)`, to be written over.
    """
    entries = [_named(b"\xa9too", "recorder")]
    if tags is not None:
        day = datetime.fromtimestamp(tags.start_time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entries += [_named(b"\xa9day", day)]
        entries += [_free_form("recording_id", tags.recording_id), _free_form("call_id", tags.call_id)]
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"mdirappl", bytes(9))
    entries.append(_free_form("iTunSMPB", gapless(0, 0).decode()))
    return box(b"udta", full_box(b"meta", 0, 0, handler, box(b"ilst", *entries)))


def read(moov: bytes) -> Tags | None:
    """What a moov box that tells of no audio yet says by a udta box of `tag_box`; None: there is no such box in it."""
    texts: dict[bytes, str] = {}
    try:
        start, end = find(moov, b"moov", b"udta")
        first, behind = find(moov, b"moov", b"udta", b"meta+4", b"ilst")
        for kind, at, until in children(moov, first + HEADER_BYTES, behind):
            entry = moov[at:until]
            named = kind
            if kind == b"----":
                name, name_end = find(entry, b"----", b"name")
                named = entry[name + FULL_HEADER_BYTES : name_end]
            value, value_end = find(entry, kind, b"data")
            texts.setdefault(named, entry[value + _VALUE_AT : value_end].decode())
        start_time = datetime.fromisoformat(texts[b"\xa9day"]).timestamp()
        said = Tags(texts[b"recording_id"], texts[b"call_id"], start_time)
        return said if tag_box(said) == moov[start:end] else None
    except (ValueError, KeyError, OverflowError):
        return None


def gapless(frames: int, padding: int) -> bytes:
    """What is to be heard of the decoded audio, as iTunes says it: FFmpeg goes by that where it passes over edits.

    `padding`: what is decoded behind the last of these frames.
    """
    return f" 00000000 {DELAY_FRAMES:08X} {padding:08X} {frames:016X}{' 00000000' * 8}".encode()


def _named(kind: bytes, value: str) -> bytes:
    return box(kind, box(b"data", struct.pack(">II", _UTF8, 0), value.encode()))


def _free_form(name: str, value: str) -> bytes:
    return box(
        b"----",
        full_box(b"mean", 0, 0, b"com.apple.iTunes"),
        full_box(b"name", 0, 0, name.encode()),
        box(b"data", struct.pack(">II", _UTF8, 0), value.encode()),
    )
