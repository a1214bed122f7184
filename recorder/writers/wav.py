"""A WAV file that plays at any moment of its growth: data first, then the head that tells of it."""

import os
from pathlib import Path

from recorder.writers.errors import WriteError, told_apart
from recorder.writers.layout import part_of
from recorder.writers.part import PartFile, open_to_read
from recorder.writers.riff import START_BYTES, WavHead
from recorder.writers.writer import Audio, Filing, Told


class WavWriter:
    """The Writer for format wav: 16-bit PCM, interleaved, at the line's rate."""

    gather_s = 0.2  # so that 64 recordings cost 320 writes a second, not 3200

    def __init__(
        self,
        path: Path,
        rate: int,
        channels: int,
        most_frames: int,
        *,
        root: Path | None = None,
        resume: bool = False,
    ) -> None:
        """Write to `path`; where `most_frames` would pass 4 GiB, room is kept for RF64's sizes.

        `root`: directories between it and the file are made. `resume`: what an earlier process left is gone on with.
        """
        self.rate = rate
        self.frames = 0
        self._head = WavHead.for_frames(rate, channels, most_frames)
        self._file = PartFile(path, root)
        self._resume = resume

    @property
    def path(self) -> Path:
        """Where the file will be when it is whole."""
        return self._file.path

    @property
    def part(self) -> Path:
        """Where it grows."""
        return self._file.part

    @property
    def channels(self) -> int:
        """Channels of the file."""
        return self._head.channels

    def open(self) -> None:
        """Make the file, or take up the one that is there: what its bytes hold in whole frames counts, not its head.

        A fault leaves no new file, and one that was there as it is.
        """
        new = self._file.open(resume=self._resume)
        try:
            self._take_up()
            self._tell(self.frames)
        except BaseException:
            if new:
                self._file.remove()
            self._file.close()
            raise

    def append(self, file_frame: int, pcm: bytes) -> None:
        """Write interleaved frames from file_frame on. ValueError: not whole frames."""
        frames, rest = divmod(len(pcm), self._head.frame_bytes)
        if rest:
            raise ValueError(f"{len(pcm)} bytes are not whole frames of {self._head.frame_bytes}")
        self._check_fits(file_frame + frames)
        self._file.write(self._offset(file_frame), pcm)
        self._grow(file_frame + frames)

    def silence(self, file_frame: int, frames: int) -> None:
        """Write silence from file_frame on; at the file's end it takes no room on the disk."""
        self._check_fits(file_frame + frames)
        self._file.zero(self._offset(file_frame), frames * self._head.frame_bytes)
        self._grow(file_frame + frames)

    def sync(self) -> None:
        """Bring the file to the disk; WriteError if it cannot be, or was deleted."""
        self._file.sync()

    def close(self, frames: int) -> int:
        """End the file at exactly that many frames, on the disk. Gives its size in bytes."""
        try:
            self._check_fits(frames)
            if frames < self.frames:
                self._tell(frames)
            self._file.cut(self._offset(frames))
            self._tell(frames)
            self._file.sync()
        finally:
            self._file.close()
        return self._offset(frames)

    def discard(self) -> None:
        """Let go of the file and delete it."""
        self._file.remove()

    def _take_up(self) -> None:
        try:
            head = WavHead.found(self._file.read(0, START_BYTES))
        except ValueError as error:
            raise WriteError("write_error", f"cannot go on with {self.part}: {error}") from error
        if head is None:
            return
        if (head.rate, head.channels) != (self.rate, self.channels):
            raise WriteError(
                "write_error",
                f"cannot go on with {self.part}: it has {head.channels} channels at {head.rate} Hz,"
                f" not {self.channels} at {self.rate} Hz",
            )
        self._head = head
        self.frames = max(0, self._file.size - head.size) // head.frame_bytes

    def _offset(self, file_frame: int) -> int:
        return self._head.size + file_frame * self._head.frame_bytes

    def _check_fits(self, end: int) -> None:
        if end > self._head.most_frames and not self._head.roomy:
            raise WriteError("write_error", f"{self.part} would pass 4 GiB, for which no room was kept")

    def _grow(self, end: int) -> None:
        if end > self.frames:
            self._tell(end)

    def _tell(self, frames: int) -> None:
        self._file.write(0, self._head.pack(frames))
        self.frames = frames


def writer(filing: Filing) -> WavWriter:
    """As Format says."""
    return WavWriter(
        filing.path, filing.rate, filing.channels, filing.most_frames, root=filing.root, resume=filing.resume
    )


def mend(path: Path, most_frames: int) -> Audio:
    """As Format says: what its bytes hold in whole frames counts."""
    part = part_of(path)
    with told_apart("read", part), open_to_read(part) as file:
        start = file.read(START_BYTES)
    try:
        head = WavHead.found(start)
    except ValueError as error:
        raise WriteError("write_error", f"cannot recover {part}: {error}") from error
    if head is None:
        return Audio(0, 0, 0, 0)
    mended = WavWriter(path, head.rate, head.channels, 0, resume=True)
    mended.open()
    frames = min(mended.frames, most_frames)
    return Audio(frames, head.rate, head.channels, mended.close(frames))


def look(path: Path) -> Audio:
    """As Format says."""
    with open_to_read(path) as file:
        head = WavHead.parse(file.read(START_BYTES))
        size = os.fstat(file.fileno()).st_size
    return Audio((size - head.size) // head.frame_bytes, head.rate, head.channels, size)


def told(fd: int) -> Told:
    """As Format says."""
    start = os.pread(fd, START_BYTES, 0)
    try:
        head = WavHead.found(start)
    except ValueError:
        return Told()
    data = 0 if head is None else head.data_bytes(start)
    return Told(start[: head.size], head.size + data) if head is not None and data else Told()
