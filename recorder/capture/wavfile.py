"""WAV files as a source of frames: 16-bit PCM, mono or stereo, of a rate that the recorder knows.

RIFF and RF64 (EBU Tech 3306), WAVE_FORMAT_EXTENSIBLE, chunks in any order before `data`, odd chunks padded. What a
program still writes to (sizes 0 or 0xFFFFFFFF, or beyond the file's end) is refused as truncated: its length is not
known.
"""

import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from recorder.contract.limits import RATES

PCM, EXTENSIBLE = 0x0001, 0xFFFE
PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")
CHUNKS_MAX = 10_000  # a file of nothing but chunks ends somewhere


class WavFault(ValueError):
    """The file can't be played as a line; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Format:
    rate: int
    channels: int


class WavSource:
    """Random access to a WAV's frames; a `Source` as writers and ears take it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raise WavFault for what is not a WAV of ours, OSError for what can't be opened."""
        self.path = Path(path)
        # Non-blocking, so that a FIFO is refused and not waited for.
        self._file: BinaryIO = os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        try:
            form, self._start, size = _Reader(self.path, self._file).parse()
        except WavFault:
            self._file.close()
            raise
        self.rate = form.rate
        self.channels = form.channels
        self._frame_bytes = 2 * form.channels
        self.frames = size // self._frame_bytes

    @property
    def head(self) -> int:
        """Frames that can be read: all of them."""
        return self.frames

    def read(self, first: int, frames: int) -> bytes:
        """Interleaved s16le. ValueError: beyond the end. WavFault: the file has become shorter since."""
        if first < 0 or frames < 0 or first + frames > self.frames:
            raise ValueError(f"{self.path}: frames {first}..{first + frames} of {self.frames}")
        size = frames * self._frame_bytes
        pcm = os.pread(self._file.fileno(), size, self._start + first * self._frame_bytes)
        while 0 < len(pcm) < size:  # a signal, or 2 GiB at once
            more = os.pread(self._file.fileno(), size - len(pcm), self._start + first * self._frame_bytes + len(pcm))
            if not more:
                break
            pcm += more
        if len(pcm) < size:
            raise WavFault(f"{self.path}: became shorter while it was read")
        return pcm

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Reader:
    """One pass over the chunks of a file, up to its data."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._end = os.fstat(file.fileno()).st_size
        self._format: _Format | None = None
        self._data64: int | None = None

    def parse(self) -> tuple[_Format, int, int]:
        """Format, offset of the first frame, bytes of audio."""
        if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            raise self._fault("not a regular file")
        riff = self._take(12, "its head")
        if riff[:4] not in (b"RIFF", b"RF64") or riff[8:] != b"WAVE":
            raise self._fault("not a WAV file")
        for _ in range(CHUNKS_MAX):
            if self._file.tell() >= self._end:
                raise self._fault("truncated: it has no audio (no data chunk)")
            name, size = struct.unpack("<4sI", self._take(8, "a chunk's head"))
            if name == b"data":
                return self._data(size)
            self._chunk(name, size)
        raise self._fault(f"not a WAV file: no audio in its first {CHUNKS_MAX} chunks")

    def _chunk(self, name: bytes, size: int) -> None:
        after = self._file.tell() + size + size % 2
        if name == b"fmt ":
            self._format = self._parse_format(self._take(min(size, 40), "its format"))
        elif name == b"ds64" and size >= 24:
            _riff, self._data64 = struct.unpack("<QQ", self._take(16, "its RF64 sizes"))
        if after > self._end + 1:
            raise self._fault(f"truncated within its chunk {name!r}")
        self._file.seek(after)

    def _parse_format(self, body: bytes) -> _Format:
        if len(body) < 16:
            raise self._fault(f"not a WAV file: its format has {len(body)} bytes")
        tag, channels, rate, _bytes, frame_bytes, bits = struct.unpack("<HHIIHH", body[:16])
        if tag == EXTENSIBLE:
            tag = PCM if body[24:40] == PCM_GUID else tag
        faults = []
        if tag != PCM:
            faults.append(f"its audio is coded (format {tag:#06x}), not PCM")
        if bits != 16:
            faults.append(f"{bits} bits a sample, not 16")
        if channels not in (1, 2):
            faults.append(f"{channels} channels, not 1 or 2")
        if rate not in RATES:
            faults.append(f"{rate} Hz, not one of {', '.join(map(str, RATES))}")
        if not faults and frame_bytes != 2 * channels:
            faults.append(f"{frame_bytes} bytes a frame, not {2 * channels}")
        if faults:
            raise self._fault("; ".join(faults))
        return _Format(rate, channels)

    def _data(self, size: int) -> tuple[_Format, int, int]:
        if self._format is None:
            raise self._fault("not a WAV file: audio before its format")
        if size == 0xFFFFFFFF and self._data64 is not None:
            size = self._data64
        start = self._file.tell()
        there = self._end - start
        if size == 0xFFFFFFFF or (size == 0 and there > 1):
            raise self._fault("truncated: still being written, or never closed")
        if size > there:
            raise self._fault(f"truncated: {there} of {size} bytes of audio are there")
        if size < 2 * self._format.channels:
            raise self._fault("it has no audio")
        return self._format, start, size

    def _take(self, size: int, what: str) -> bytes:
        taken = self._file.read(size)
        if len(taken) < size:
            if self._file.tell() < 12:
                raise self._fault("not a WAV file")
            raise self._fault(f"truncated within {what}")
        return taken

    def _fault(self, what: str) -> WavFault:
        return WavFault(f"{self._path}: {what}")
