"""The track beside a recording: peaks, voice, digits, pauses, gaps in the file's own time. docs/track.md is its format.

A head, then one record for each second of the file, whole in itself: whoever reads stops at the first that is not.
"""

import struct
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from recorder.contract.parameters import Direction
from recorder.writers.source import Mixing

SUFFIX = ".track"
VERSION = 1
PEAKS_PER_S = 10
VOICE_PER_S = 100
_MAGIC = b"RECTRACK"
_HEAD = struct.Struct("<8sHBcI16s")  # magic, version, channels, direction, rate, recording_id
_SECOND = struct.Struct("<IIIHH")  # bytes of the whole record, second, frames in it, voice bytes per channel, marks
_MARK = struct.Struct("<4sQQ")  # what, file frame, frames
_CRC = struct.Struct("<I")
_PEAK = struct.Struct("<hh")  # lowest, highest
HEAD_BYTES = _HEAD.size
SKIP, MUTE, GAP, DIGIT = "skip", "mute", "gap ", "D"  # of marks; a digit's goes on: 5, s or l, h or s
STRETCHES = frozenset({MUTE, GAP})  # those that fill frames of the file
_DIRECTIONS: dict[bytes, Direction] = {b"s": "speak", b"l": "listen", b"b": "both"}


class TrackFault(ValueError):
    """The file is no track that can be read here."""


class Mark(NamedTuple):
    """Something at frame `at` of the file. `what` is four ASCII characters, as docs/track.md lists them."""

    what: str
    at: int
    frames: int


@dataclass(frozen=True, slots=True)
class TrackHead:
    """Whose track it is, and what its channels are."""

    recording_id: str
    rate: int
    channels: int
    direction: Direction

    @classmethod
    def of(cls, recording_id: str, rate: int, mixing: Mixing) -> "TrackHead":
        """That of a recording which is mixed so."""
        return cls(recording_id, rate, mixing.channels, mixing.direction)

    @property
    def parties(self) -> tuple[Direction, ...]:
        """What each channel holds; `both` is the sum of the two."""
        return ("speak", "listen") if self.channels == 2 else (self.direction,)

    def pack(self) -> bytes:
        """As it stands in the file."""
        direction = self.direction[0].encode()
        return _HEAD.pack(_MAGIC, VERSION, self.channels, direction, self.rate, uuid.UUID(self.recording_id).bytes)

    @classmethod
    def parse(cls, data: bytes) -> "TrackHead":
        """What `pack` wrote. Raises TrackFault."""
        if len(data) < HEAD_BYTES:
            raise TrackFault("too short for a track")
        magic, version, channels, direction, rate, name = _HEAD.unpack_from(data)
        if magic != _MAGIC or version != VERSION:
            raise TrackFault("no track of a version that is known")
        if channels not in (1, 2) or direction not in _DIRECTIONS or rate < VOICE_PER_S:
            raise TrackFault("the head of the track makes no sense")
        return cls(str(uuid.UUID(bytes=name)), rate, channels, _DIRECTIONS[direction])


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the file, or the beginning of one. `peaks`, `voice`: all of the first channel, then the next's."""

    second: int
    frames: int
    peaks: bytes  # int16 minimum, int16 maximum for each 100 ms begun
    voice: bytes  # speech probability x 255 for each 10 ms whose middle is there
    marks: tuple[Mark, ...] = ()

    def pack(self, channels: int) -> bytes:
        """As it stands in the file."""
        marks = b"".join(_MARK.pack(mark.what.encode(), mark.at, mark.frames) for mark in self.marks)
        size = _SECOND.size + len(self.peaks) + len(self.voice) + len(marks) + _CRC.size
        head = _SECOND.pack(size, self.second, self.frames, len(self.voice) // channels, len(self.marks))
        record = head + self.peaks + self.voice + marks
        return record + _CRC.pack(zlib.crc32(record))

    @classmethod
    def parse(cls, data: bytes, at: int, head: TrackHead) -> "tuple[Second, int] | None":
        """(the record there, its bytes); None: there is none, or none that is whole."""
        if at + _SECOND.size > len(data):
            return None
        size, second, frames, voice, marks = _SECOND.unpack_from(data, at)
        windows = _windows(frames, head.rate)
        peaks_end = at + _SECOND.size + head.channels * windows * _PEAK.size
        voice_end = peaks_end + head.channels * voice
        marks_end = voice_end + marks * _MARK.size
        end = marks_end + _CRC.size
        if frames > head.rate or end != at + size or end > len(data):
            return None
        if _CRC.unpack_from(data, marks_end) != (zlib.crc32(memoryview(data)[at:marks_end]),):
            return None
        fields = _MARK.iter_unpack(data[voice_end:marks_end])
        told = tuple(Mark(what.decode("latin-1"), at, length) for what, at, length in fields)
        return cls(second, frames, data[at + _SECOND.size : peaks_end], data[peaks_end:voice_end], told), size

    def peaks_of(self, channel: int, head: TrackHead) -> list[tuple[int, int]]:
        """(lowest, highest) sample of each 100 ms begun, of one channel."""
        each = len(self.peaks) // head.channels
        return list(_PEAK.iter_unpack(self.peaks[channel * each : (channel + 1) * each]))

    def voice_of(self, channel: int, head: TrackHead) -> bytes:
        """The voice of one channel."""
        each = len(self.voice) // head.channels
        return self.voice[channel * each : (channel + 1) * each]

    def cut(self, frames: int, head: TrackHead) -> "Second":
        """The first `frames` frames of it."""
        if frames >= self.frames:
            return self
        end = self.second * head.rate + frames
        marks = (
            mark._replace(frames=min(mark.frames, end - mark.at)) if mark.what in STRETCHES else mark
            for mark in self.marks
            if mark.at < end
        )
        peaks = _firsts(self.peaks, head.channels, _windows(frames, head.rate) * _PEAK.size)
        voice = _firsts(self.voice, head.channels, voice_slots(frames, head.rate))
        return replace(self, frames=frames, peaks=peaks, voice=voice, marks=tuple(marks))


def track_path(audio: Path) -> Path:
    """Give the track's place: beside the audio, `.track` for its suffix."""
    return audio.with_suffix(SUFFIX)


def voice_slots(frames: int, rate: int) -> int:
    """So many 10 ms of the file have their middle below `frames`."""
    block = rate // VOICE_PER_S
    return max(0, -(-(frames - block // 2) // block))


def seconds_of(data: bytes, head: TrackHead) -> Iterator[tuple[int, int, Second]]:
    """(where it begins, where it ends, the record), up to the first not whole or not later than the one before."""
    at, last = HEAD_BYTES, -1
    while (found := Second.parse(data, at, head)) is not None and found[0].second > last:
        second, size = found
        yield at, at + size, second
        at, last = at + size, second.second


def _windows(frames: int, rate: int) -> int:
    return -(-frames // (rate // PEAKS_PER_S))


def _firsts(data: bytes, channels: int, kept: int) -> bytes:
    """The first `kept` bytes of each channel."""
    each = len(data) // channels
    return b"".join(data[start : start + min(kept, each)] for start in range(0, len(data), each)) if each else data
