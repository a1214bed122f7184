"""What the pool's tests share: a pool with its reports, sources and files of their own kind."""

import asyncio
import random
import threading
import wave

from recorder._dsp import Overtaken
from recorder.recording.actions import OpenFile
from recorder.writers.errors import WriteError
from recorder.writers.pool import WriterPool
from recorder.writers.source import Mixing
from recorder.writers.wav import WavWriter

RATE = 8000
MONO = Mixing(1, "speak", stereo=False)
PCM = random.Random(0).randbytes(60 * RATE * 2)


class Tape:
    """A Source of known noise that remembers what was read of it, and may have forgotten its beginning."""

    rate, channels, head = RATE, 1, len(PCM) // 2

    def __init__(self, oldest=0):
        self.oldest = oldest
        self.reads = []

    def read(self, first, frames):
        if first < self.oldest:
            error = Overtaken("the ring went on", self.oldest)
            error.oldest = self.oldest
            raise error
        self.reads.append((first, frames))
        return PCM[first * 2 : (first + frames) * 2]


class Studio:
    """A pool with what it reported, and the short way to use it."""

    def __init__(self, root, threads=2):
        self.root = root
        self.reports = []
        self.pool = WriterPool(self.reports.append, threads=threads)

    def path(self, name):
        return self.root / f"{name}.wav"

    def add(self, name, source=None, *, resume=False, mixing=MONO, writer=None):
        made = writer or WavWriter(self.path(name), RATE, mixing.channels, 10**6, resume=resume)
        self.pool.add(name, made, source or Tape(), mixing, resume=resume)
        self.do(name, OpenFile())

    def do(self, name, *actions):
        for action in actions:
            self.pool.perform(name, action)

    async def reported(self, kind, name):
        async with asyncio.timeout(20):
            while True:
                for report in self.reports:
                    if isinstance(report, kind) and report.recording_id == name:
                        return report
                await asyncio.sleep(0.002)

    def audio(self, name):
        for path in (self.path(name), self.path(name).with_suffix(".wav.part")):
            if path.exists():
                with wave.open(str(path)) as file:
                    return file.readframes(file.getnframes())
        return None


def pcm(first, frames):
    return PCM[first * 2 : (first + frames) * 2]


class Broken(WavWriter):
    """A file whose disk refuses from that frame on."""

    def __init__(self, path, *, from_frame, error=None):
        super().__init__(path, RATE, 1, 10**6)
        self.from_frame = from_frame
        self.error = error or WriteError("disk_full", "no room")

    def append(self, file_frame, audio):
        if file_frame + len(audio) // 2 > self.from_frame:
            raise self.error
        super().append(file_frame, audio)


class Stalled(WavWriter):
    """A file whose disk does not answer until it is told to."""

    def __init__(self, path):
        super().__init__(path, RATE, 1, 10**6)
        self.stalled, self.answer = threading.Event(), threading.Event()

    def append(self, file_frame, audio):
        self.stalled.set()
        self.answer.wait(20)
        super().append(file_frame, audio)
