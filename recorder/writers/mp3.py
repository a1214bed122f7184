"""An MP3 file that plays at any moment of its growth: whole packets first, then the head that tells of them.

An encoder holds back some of what it heard: `frames` is what comes whole out of the packets written so far. Of a file
that is gone on with the last packets are encoded again, and it continues with the first that it has not.
"""

import os
from pathlib import Path

from recorder.writers import id3
from recorder.writers.bitrates import kbit_s_for
from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import part_of
from recorder.writers.mp3encoder import Encoder
from recorder.writers.mp3head import LEAD, MOST_HEAD_BYTES, Head, frames_in, least_packets, packets_for, read_info
from recorder.writers.mp3packets import Shape
from recorder.writers.mp3scan import place_of, scan
from recorder.writers.mp3seam import fitting, run_up_packets, self_contained
from recorder.writers.part import PartFile, open_to_read
from recorder.writers.writer import Audio, Filing, Told

RUN_UP_S = 3.0  # the 2 s of mp3seam.py, and what an encoder holds back


class Mp3Writer:
    """The Writer for format mp3: a constant bit rate, at the line's rate."""

    gather_s = 1.5  # more than from one checkpoint to the next: an encoder is woken for nothing else

    def __init__(self, filing: Filing) -> None:
        self.frames = 0
        self._shape = Shape(filing.rate, filing.channels)
        bit_rate = filing.codecs.mp3_bit_rate or kbit_s_for(filing.rate) * filing.channels
        self._head = Head(self._shape, fitting(self._shape, bit_rate), id3.tag(filing.tags))
        self._quality = filing.codecs.mp3_quality
        self._file = PartFile(filing.path, filing.root)
        self._resume = filing.resume
        self._packets = 0  # in the file
        self._end = self._head.size  # where the next goes
        self._heard = -LEAD  # frames given so far
        self._encoder: Encoder | None = None
        self._made = 0  # the number of the packet that the encoder makes next
        self._unkept: list[bytes] = []  # what it made of the run-up

    @property
    def path(self) -> Path:
        """Where the file will be when it is whole."""
        return self._file.path

    @property
    def part(self) -> Path:
        """Where it grows."""
        return self._file.part

    @property
    def rate(self) -> int:
        """Frames per second."""
        return self._shape.rate

    def open(self) -> None:
        """Make the file, or take up the one that is there: the whole packets that it holds count.

        A fault leaves no new file, and one that was there as it is.
        """
        new = self._file.open(resume=self._resume)
        try:
            if new or not self._take_up():
                self._file.cut(0)
                self._tell(0)
        except BaseException:
            if new:
                self._file.remove()
            self._file.close()
            raise

    def append(self, file_frame: int, pcm: bytes) -> None:
        """Write interleaved frames from file_frame on. ValueError: not whole frames."""
        frame_bytes = 2 * self._shape.channels
        frames, rest = divmod(len(pcm), frame_bytes)
        if rest:
            raise ValueError(f"{len(pcm)} bytes are not whole frames of {frame_bytes}")
        known = self._listen_at(file_frame)
        if frames > known:
            assert self._encoder is not None
            self._keep(self._encoder.hear(pcm[known * frame_bytes :]))
            self._heard = file_frame + frames

    def silence(self, file_frame: int, frames: int) -> None:
        """Write silence from file_frame on; a copy of one packet, once the encoder has come to rest."""
        known = self._listen_at(file_frame)
        if frames > known:
            assert self._encoder is not None
            self._keep(self._encoder.hush(frames - known))
            self._heard = file_frame + frames

    def sync(self) -> None:
        """Bring the file to the disk; WriteError if it cannot be, or was deleted."""
        self._file.sync()

    def close(self, frames: int) -> int:
        """End the file at exactly that many frames, on the disk. Gives its size in bytes."""
        try:
            if frames > self.frames:
                self._finish(frames)
            self._fill(frames)
            self._cut(frames)
            self._file.sync()
        except WriteError:
            self._cut(min(frames, self.frames))  # what was told stays, and no half packet behind it
            raise
        finally:
            self._file.close()
        return self._end

    def discard(self) -> None:
        """Let go of the file and delete it."""
        self._file.remove()

    def _take_up(self) -> bool:
        """Go on with what is there; False: that is not even a head."""
        info = read_info(self._file.read(0, MOST_HEAD_BYTES))
        if info is None:
            if self._file.size > MOST_HEAD_BYTES:
                raise WriteError("write_error", f"cannot go on with {self.part}: it is no MP3 file written here")
            return False
        if info.shape != self._shape:
            raise WriteError(
                "write_error",
                f"cannot go on with {self.part}: it has {info.shape.channels} channels at {info.shape.rate} Hz,"
                f" not {self._shape.channels} at {self._shape.rate} Hz",
            )
        found = scan(self._file.read, info)
        self._head = Head(self._shape, found.bit_rate or self._head.bit_rate, info.tag)
        self._packets, self._end = found.packets, found.end
        self._made = max(0, found.packets - run_up_packets(self._shape))
        self._heard = self._made * self._shape.packet_frames - LEAD
        self._file.cut(found.end)
        self._tell(found.frames)
        return True

    def _listen_at(self, file_frame: int) -> int:
        """Be ready for audio from there on, silence where some is missing. Gives how many frames of it are known."""
        if self._encoder is None:
            self._encoder = Encoder(self._shape, self._head.bit_rate, self._quality)
        if file_frame > self._heard:
            self._keep(self._encoder.hush(file_frame - self._heard))
            self._heard = file_frame
        return self._heard - file_frame

    def _keep(self, packets: list[bytes]) -> None:
        """Write those that the file has not."""
        known = min(max(0, self._packets - self._made), len(packets))
        self._unkept += packets[:known]
        new = packets[known:]
        self._made += len(packets)
        if not new:
            return
        if self._unkept:
            new[0] = self_contained(self._shape, self._unkept, new[0])
            self._unkept = []
        data = b"".join(new)
        self._file.write(self._end, data)
        self._end += len(data)
        self._packets += len(new)
        self._tell(frames_in(self._packets, self._shape))

    def _finish(self, frames: int) -> None:
        self._listen_at(frames)
        assert self._encoder is not None
        self._keep(self._encoder.finish())
        if self._packets < packets_for(frames, self._shape):
            raise WriteError("write_error", f"cannot finish {self.part}: the encoder gave {self._packets} packets")

    def _cut(self, frames: int) -> None:
        """Leave so many packets as it takes, whatever a failed write left behind them."""
        needed = max(packets_for(frames, self._shape), least_packets(frames, self._shape))
        if needed < self._packets:
            self._packets, self._end = needed, place_of(needed, self._file.read, self._shape, self._head.size)
        self._tell(frames)
        self._file.cut(self._end)

    def _fill(self, frames: int) -> None:
        """Put silence behind what is very short."""
        missing = least_packets(frames, self._shape) - self._packets
        if missing > 0:
            filling = self._shape.silent(self._head.bit_rate) * missing
            self._file.write(self._end, filling)
            self._packets, self._end = self._packets + missing, self._end + len(filling)

    def _tell(self, frames: int) -> None:
        heard = (self._packets, self._end) if frames else (0, self._head.size)
        self._file.write(0, self._head.pack(*heard, frames))
        self.frames = frames


def writer(filing: Filing) -> Mp3Writer:
    """As Format says."""
    return Mp3Writer(filing)


def mend(path: Path, most_frames: int) -> Audio:
    """As Format says: what it holds in whole packets counts."""
    part = part_of(path)
    with told_apart("read", part), open_to_read(part) as file:
        start = file.read(MOST_HEAD_BYTES)
    info = read_info(start)
    if info is None:
        if len(start) == MOST_HEAD_BYTES and start.strip(b"\0"):
            raise WriteError("write_error", f"cannot recover {part}: it is no MP3 file written here")
        return Audio(0, 0, 0, 0)
    rate, channels = info.shape.rate, info.shape.channels
    mended = Mp3Writer(Filing(path=path, rate=rate, channels=channels, most_frames=0, resume=True))
    mended.open()
    frames = min(mended.frames, most_frames)
    return Audio(frames, rate, channels, mended.close(frames))


def look(path: Path) -> Audio:
    """As Format says."""
    with open_to_read(path) as file:
        info = read_info(file.read(MOST_HEAD_BYTES))
        size = os.fstat(file.fileno()).st_size
    if info is None:
        raise ValueError("it is no MP3 file written here")
    return Audio(info.frames, info.shape.rate, info.shape.channels, size, id3.read(info.tag))


def told(fd: int) -> Told:
    """As Format says."""
    start = os.pread(fd, MOST_HEAD_BYTES, 0)
    info = read_info(start)
    return Told(start[: info.size], info.end) if info is not None and info.frames else Told()
