"""Format mp4: AAC-LC in fragmented MP4, half a second of audio in each fragment."""

import os
from contextlib import suppress
from pathlib import Path

from recorder.writers import mp4_tags
from recorder.writers.aac import PACKET_FRAMES, AacEncoder, bit_rate_of, start_for
from recorder.writers.errors import WriteError
from recorder.writers.mp4_file import Mp4File, packets_for
from recorder.writers.mp4_fragments import packets_at_once
from recorder.writers.mp4_head import MOST_BYTES, Mp4Head
from recorder.writers.part import PartFile, open_to_read
from recorder.writers.writer import Audio, Filing, Told

_STRETCH_FRAGMENTS = 20  # after which a new codec begins: 10 s
RUN_UP_S = 12.0  # a stretch, what primes a codec, and what was held back: 91 blocks at 8 kHz
_SILENT_FRAGMENTS = 64  # written at once, of a long silence


class Mp4Writer:
    """The Writer for format mp4. What it tells lags behind what it was given by a fragment and three blocks at most."""

    gather_s = 0.5  # what a fragment has: more would lag more, and it is encoded by the fragment

    def __init__(self, filing: Filing) -> None:
        self.rate = filing.rate
        self.channels = filing.channels
        self._filing = filing
        self._part = PartFile(filing.path, filing.root)
        self._file = Mp4File(self._part)
        self._at_once = packets_at_once(filing.rate)
        self._bit_rate = bit_rate_of(filing.rate, filing.channels, filing.codecs.mp4_bit_rate)
        self._encoder: AacEncoder
        self._taken = 0  # file frames that were given so far, or are in the file
        self._rest = bytearray()  # of them, what was not encoded yet
        self._unwanted = 0  # packets that are still to come and are in the file already
        self._packets: list[bytes] = []  # that are not in the file yet

    @property
    def path(self) -> Path:
        """Where the file will be when it is whole."""
        return self._part.path

    @property
    def part(self) -> Path:
        """Where it grows."""
        return self._part.part

    @property
    def frames(self) -> int:
        """Frames that the file tells of."""
        return self._file.growth.frames

    def open(self) -> None:
        """Make the file, or take up the one that is there. A fault leaves no new file, and one that was as it is."""
        new = self._part.open(resume=self._filing.resume)
        try:
            if not self._file.take_up(distrust=False):
                self._file.begin(Mp4Head.make(self.rate, self.channels, self._bit_rate, self._filing.tags))
            self._check_kind(self._file.head)
            self._file.reopen(self._at_once)
            self._start()
        except BaseException:
            if new:
                self._part.remove()
            self._part.close()
            raise

    def append(self, file_frame: int, pcm: bytes) -> None:
        """Encode interleaved frames from file_frame on. ValueError: not whole frames."""
        frame_bytes = 2 * self.channels
        frames, rest = divmod(len(pcm), frame_bytes)
        if rest:
            raise ValueError(f"{len(pcm)} bytes are not whole frames of {frame_bytes}")
        if file_frame > self._taken:
            self.silence(self._taken, file_frame - self._taken)
        known = self._taken - file_frame
        if frames > known:
            self._take(pcm[known * frame_bytes :])
            self._pour()

    def silence(self, file_frame: int, frames: int) -> None:
        """Let it be silent from file_frame on."""
        frame_bytes = 2 * self.channels
        left = file_frame + frames - self._taken
        if left <= 0:
            return
        to_block = min(left, -self._taken % PACKET_FRAMES)
        self._take(bytes(to_block * frame_bytes))
        self._encode_blocks()
        blocks, rest = divmod(left - to_block, PACKET_FRAMES)
        while blocks > 0:
            some = min(blocks, self._at_once * _SILENT_FRAGMENTS)
            self._keep(self._encoder.silence(some))
            self._taken += some * PACKET_FRAMES
            blocks -= some
            self._pour()
        self._take(bytes(rest * frame_bytes))
        self._pour()

    def sync(self) -> None:
        """Bring the file to the disk; WriteError if it cannot be, or was deleted."""
        self._part.sync()

    def close(self, frames: int) -> int:
        """End the file at exactly that many frames, on the disk. Gives its size in bytes."""
        try:
            if frames > self.frames:
                self._finish(frames)
            return self._file.end(frames)
        except WriteError:
            with suppress(WriteError):  # so that it holds no more than it tells of
                self._file.end(min(frames, self.frames))
            raise
        finally:
            self._part.close()

    def discard(self) -> None:
        """Let go of the file and delete it."""
        self._part.remove()

    def _start(self) -> None:
        """Have an encoder for the packet that the file wants next; it begins with audio that the file has already."""
        stretch, held = self._at_once * _STRETCH_FRAGMENTS, self._file.behind.packets
        block = start_for(held, stretch)
        self._encoder = AacEncoder(self.rate, self.channels, self._bit_rate, stretch=stretch, block=block)
        self._taken = block * PACKET_FRAMES
        self._unwanted = held - block

    def _take(self, pcm: bytes) -> None:
        """Have it encoded, by all of a fragment at once: it makes no difference to the file, and costs less."""
        self._taken += len(pcm) // (2 * self.channels)
        self._rest += pcm
        if self._taken // PACKET_FRAMES > self._file.behind.packets + self._at_once:
            self._encode_blocks()

    def _encode_blocks(self) -> None:
        whole = len(self._rest) - len(self._rest) % self._encoder.block_bytes
        self._keep(self._encoder.encode(bytes(self._rest[:whole])))
        del self._rest[:whole]

    def _keep(self, packets: list[bytes]) -> None:
        unwanted = min(self._unwanted, len(packets))
        self._unwanted -= unwanted
        self._packets += packets[unwanted:]

    def _pour(self) -> None:
        """Write the fragments that are whole, if by them there is more to be heard than before."""
        whole = len(self._packets) // self._at_once * self._at_once
        if whole and (self._file.behind.packets + whole - 1) * PACKET_FRAMES > self.frames:
            self._file.add(self._packets[:whole], self._at_once)
            del self._packets[:whole]

    def _finish(self, frames: int) -> None:
        """Have all in the file of which that many frames are decoded."""
        if frames > self._taken:
            self.silence(self._taken, frames - self._taken)
        self._rest += bytes(-len(self._rest) % self._encoder.block_bytes)
        self._encode_blocks()
        self._keep(self._encoder.flush())
        missing = packets_for(frames) - self._file.behind.packets
        if missing > 0:
            self._file.add(self._packets[:missing], self._at_once)

    def _check_kind(self, head: Mp4Head) -> None:
        if (head.rate, head.channels) != (self.rate, self.channels):
            raise WriteError(
                "write_error",
                f"cannot go on with {self.part}: it has {head.channels} channels at {head.rate} Hz,"
                f" not {self.channels} at {self.rate} Hz",
            )


def writer(filing: Filing) -> Mp4Writer:
    """As Format says."""
    return Mp4Writer(filing)


def mend(path: Path, most_frames: int) -> Audio:
    """As Format says: its whole fragments count, each of them read."""
    part = PartFile(path)
    part.open(resume=True)
    try:
        file = Mp4File(part)
        if not file.take_up(distrust=True):
            return Audio(0, 0, 0, 0)
        head, frames = file.head, min(file.growth.frames, most_frames)
        return Audio(frames, head.rate, head.channels, file.end(frames))
    finally:
        part.close()


def look(path: Path) -> Audio:
    """As Format says."""
    with open_to_read(path) as file:
        start = file.read(MOST_BYTES)
        size = os.fstat(file.fileno()).st_size
    head = Mp4Head.found(start)
    growth = head.told(start) if head else None
    if head is None or growth is None:
        raise ValueError("the head of an MP4 file was torn")
    return Audio(growth.frames, head.rate, head.channels, size, mp4_tags.read(head.moov))


def told(fd: int) -> Told:
    """As Format says."""
    start = os.pread(fd, MOST_BYTES, 0)
    try:
        head = Mp4Head.found(start)
    except ValueError:
        return Told()
    growth = head.told(start) if head else None
    return Told(start[: head.size], growth.size) if head and growth and growth.frames else Told()
