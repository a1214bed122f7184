"""What tracks cost: CPU of the line's notes and of their writing, for 64 recordings beside each other.

python -m bench.track
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from recorder.line.track import TrackNotes
from recorder.line.voice import VoiceHistory
from recorder.recording.actions import AppendFrames, CloseFile
from recorder.writers.source import Mixing
from recorder.writers.track import TrackHead
from recorder.writers.tracker import Tracker, TrackSecond

RECORDINGS, SECONDS, ROUNDS = 64, 20, 5
TICK_S = 0.02
ID = "01900000-0000-7000-8000-{:012x}"


class Noise:
    """A source of two channels whose frames are all there."""

    channels = 2

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.head = SECONDS * rate
        self._pcm = os.urandom(self.head * 2 * self.channels)

    def read(self, first: int, frames: int) -> bytes:
        """Interleaved s16le."""
        return self._pcm[first * 4 : (first + frames) * 4]


def life(notes: TrackNotes, rate: int, voice: VoiceHistory) -> None:
    """One recording as its machine tells of it, a tick at a time."""
    tick = round(rate * TICK_S)
    for first in range(0, SECONDS * rate, tick):
        notes.follow([AppendFrames(first, first, tick)], voice)
    notes.follow([CloseFile(SECONDS * rate, keep=True)], voice)


def rounds(rate: int, folder: Path) -> Iterator[tuple[float, float]]:
    """CPU seconds of noting and of writing, for each second of one recording."""
    source, mixing, voice = Noise(rate), Mixing(2, "both", stereo=True), VoiceHistory(2)
    for first in range(0, SECONDS * 100, 100):
        voice.extend(first, [os.urandom(100), os.urandom(100)])
    for _ in range(ROUNDS):
        told: list[list[TrackSecond]] = [[] for _ in range(RECORDINGS)]
        heads = [TrackHead.of(ID.format(n), rate, mixing) for n in range(RECORDINGS)]
        begun = time.process_time()
        for head, seconds in zip(heads, told, strict=True):
            life(TrackNotes(head, seconds.append), rate, voice)
        noted = time.process_time()
        for head, seconds in zip(heads, told, strict=True):
            tracker = Tracker(folder / f"{head.recording_id}.wav", head, source, mixing)
            for second in seconds:
                tracker.write(second)
            tracker.close(SECONDS * rate)
        written = time.process_time()
        each = RECORDINGS * SECONDS
        yield (noted - begun) / each, (written - noted) / each


def main() -> None:
    """Print a row a rate."""
    print(
        f"{RECORDINGS} stereo recordings, medians of {ROUNDS} rounds of {SECONDS} s each; CPU per second of a recording"
    )
    print("   Hz     noting    writing   64 of them, of one core   bytes an hour")
    for rate in (8000, 16000, 48000):
        with TemporaryDirectory() as folder:
            taken = list(rounds(rate, Path(folder)))
            size = next(Path(folder).glob("*.track")).stat().st_size
        noting, writing = (median(values) for values in zip(*taken, strict=True))
        share = RECORDINGS * (noting + writing)
        hour = size / SECONDS * 3600
        print(f"{rate:>5}  {noting * 1e6:>6.0f} us  {writing * 1e6:>6.0f} us  {share:>23.1%}  {hour:>15,.0f}")


if __name__ == "__main__":
    main()
