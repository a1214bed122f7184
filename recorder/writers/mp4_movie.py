"""The moov box of a recording: one track of AAC-LC, whose packets all stand in fragments behind it."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from recorder.writers.aac import DELAY_FRAMES, PACKET_FRAMES, audio_specific_config
from recorder.writers.mp4_boxes import FULL_HEADER_BYTES, box, find, full_box
from recorder.writers.mp4_tags import gapless

TRACK = 1
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4  # the language "und"
_ENABLED = 7  # and in the movie, and in its preview
_SYNC_SAMPLE = 0x02000000  # a packet that needs no other, as all of AAC's
_DURATION = struct.Struct(">Q")
_TIMESCALE_AT = FULL_HEADER_BYTES + 16  # of mvhd and mdhd, behind two times
# Each box that tells how long it is, and where in it. The media is said to last as long as what is heard of it, its
# delay aside: mutagen gives that as the length.
_DURATIONS = (
    ((b"moov", b"mvhd"), FULL_HEADER_BYTES + 20),
    ((b"moov", b"trak", b"tkhd"), FULL_HEADER_BYTES + 24),
    ((b"moov", b"trak", b"edts", b"elst"), FULL_HEADER_BYTES + 4),
    ((b"moov", b"trak", b"mdia", b"mdhd"), FULL_HEADER_BYTES + 20),
    ((b"moov", b"mvex", b"mehd"), FULL_HEADER_BYTES),
)
_ENTRY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd+8")


@dataclass(frozen=True, slots=True)
class Movie:
    """What a moov box says. Its bytes are of one size, however long it is."""

    rate: int
    channels: int
    bit_rate: int  # bits per second
    created_s: int  # since 1904
    udta: bytes  # a box of tags, as tag_box makes it

    def pack(self) -> bytes:
        """The box, all durations 0."""
        header = full_box(
            b"mvhd",
            1,
            0,
            struct.pack(">QQIQ", self.created_s, self.created_s, self.rate, 0),
            struct.pack(">IH10x", 0x10000, 0x100),
            _MATRIX,
            bytes(24),
            struct.pack(">I", TRACK + 1),
        )
        extends = box(
            b"mvex",
            full_box(b"mehd", 1, 0, bytes(8)),
            full_box(b"trex", 0, 0, struct.pack(">IIIII", TRACK, 1, PACKET_FRAMES, 0, _SYNC_SAMPLE)),
        )
        return box(b"moov", header, self._track(), extends, self.udta)

    def _track(self) -> bytes:
        header = full_box(
            b"tkhd",
            1,
            _ENABLED,
            struct.pack(">QQIIQ", self.created_s, self.created_s, TRACK, 0, 0),
            struct.pack(">8xHHHH", 0, 0, 0x100, 0),
            _MATRIX,
            bytes(8),
        )
        edits = full_box(b"elst", 1, 0, struct.pack(">IQqHH", 1, 0, DELAY_FRAMES, 1, 0))
        return box(b"trak", header, box(b"edts", edits), self._media())

    def _media(self) -> bytes:
        header = full_box(
            b"mdhd", 1, 0, struct.pack(">QQIQHH", self.created_s, self.created_s, self.rate, 0, _UNDETERMINED, 0)
        )
        handler = full_box(b"hdlr", 0, 0, bytes(4), b"soun", bytes(12), b"recorder\0")
        here = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
        tables = box(
            b"stbl",
            full_box(b"stsd", 0, 0, struct.pack(">I", 1), self._entry()),
            full_box(b"stts", 0, 0, bytes(4)),
            full_box(b"stsc", 0, 0, bytes(4)),
            full_box(b"stsz", 0, 0, bytes(8)),
            full_box(b"stco", 0, 0, bytes(4)),
        )
        return box(b"mdia", header, handler, box(b"minf", full_box(b"smhd", 0, 0, bytes(4)), here, tables))

    def _entry(self) -> bytes:
        decoder = struct.pack(">BBBHII", 0x40, 0x15, 0, 0, self.bit_rate, self.bit_rate)
        config = _descriptor(4, decoder + _descriptor(5, audio_specific_config(self.rate, self.channels)))
        esds = full_box(b"esds", 0, 0, _descriptor(3, struct.pack(">HB", TRACK, 0) + config + _descriptor(6, b"\x02")))
        return box(b"mp4a", struct.pack(">6xH8xHHIHH", 1, self.channels, 16, 0, self.rate, 0), esds)

    @classmethod
    def parse(cls, moov: bytes) -> "Movie":
        """Read a box that `pack` made, however long it says it is by now. ValueError: it is none."""
        moov = lasting(moov, durations_at(moov), 0, 0)
        start, end = find(moov, b"moov", b"udta")
        entry, _ = find(moov, *_ENTRY, b"mp4a")
        esds, _ = find(moov, *_ENTRY, b"mp4a+28", b"esds")
        header, _ = find(moov, b"moov", b"mvhd")
        try:
            (rate,) = struct.unpack_from(">I", moov, header + _TIMESCALE_AT)
            (channels,) = struct.unpack_from(">H", moov, entry + 24)
            (bit_rate,) = struct.unpack_from(">I", moov, esds + FULL_HEADER_BYTES + 12)
            (created_s,) = struct.unpack_from(">Q", moov, header + FULL_HEADER_BYTES)
            found = cls(rate, channels, bit_rate, created_s, moov[start:end])
            packed = found.pack()
        except struct.error as error:
            raise ValueError("a moov box that ends too soon") from error
        if moov != packed:
            raise ValueError("not a moov box that was written here")
        return found


def durations_at(moov: bytes) -> tuple[int, ...]:
    """Where the box tells how long it is. ValueError: it lacks one of these places."""
    return tuple(find(moov, *path)[0] + offset for path, offset in _DURATIONS)


def lasting(moov: bytes, at: Sequence[int], frames: int, padding: int) -> bytes:
    """The box with its durations, which stand at these places, set to that, and `padding` frames decoded behind."""
    changed = bytearray(moov)
    for place in at:
        _DURATION.pack_into(changed, place, frames)
    said = gapless(frames, padding)
    changed[-len(said) :] = said
    return bytes(changed)


def duration(moov: bytes, at: Sequence[int]) -> int | None:
    """The frames that it says it lasts; None if it is of two minds, torn as it was written."""
    said = {_DURATION.unpack_from(moov, place)[0] for place in at}
    return said.pop() if len(said) == 1 else None


def _descriptor(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content
