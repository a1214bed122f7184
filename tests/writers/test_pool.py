import asyncio
import random
import threading
import wave
from pathlib import Path

import pytest

from recorder._capture import RingWriter
from recorder._dsp import Overtaken, RingReader
from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.errors import WriteError
from recorder.writers.pool import WriterPool
from recorder.writers.reports import Closed, Failed, Lost, Opened, Sealed
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
        self.pool.add(name, made, source or Tape(), mixing)
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


@pytest.fixture
async def studio(tmp_path):
    made = Studio(tmp_path)
    yield made
    await made.pool.close()


def pcm(first, frames):
    return PCM[first * 2 : (first + frames) * 2]


async def test_a_recording_from_its_first_frame_to_its_name(studio):
    studio.add("a")
    studio.do(
        "a", AppendFrames(0, 100, 160), AppendSilence(160, 40), AppendFrames(200, 500, 300), CloseFile(500, keep=True)
    )
    closed = await studio.reported(Closed, "a")
    studio.pool.seal("a", {"state": "finished"})
    await studio.reported(Sealed, "a")
    path = studio.path("a")
    assert studio.reports == [Opened("a", path), Closed("a", 500, 1044, path), Sealed("a", path)]
    assert closed.size == path.stat().st_size
    assert studio.audio("a") == pcm(100, 160) + bytes(80) + pcm(500, 300)
    assert {file.name for file in studio.root.iterdir()} == {"a.wav", "a.json"}
    await studio.pool.flushed()
    with pytest.raises(KeyError):
        studio.do("a", OpenFile())


async def test_a_recording_not_kept_leaves_nothing(studio):
    studio.add("a")
    studio.do("a", AppendFrames(0, 0, 160), CloseFile(160, keep=False))
    assert await studio.reported(Closed, "a") == Closed("a", 0, 0, None)
    assert list(studio.root.iterdir()) == []


async def test_small_appends_become_few_writes(studio):
    tape = Tape()
    studio.add("a", tape)
    await studio.reported(Opened, "a")
    for at in range(0, 10 * RATE, 160):  # 20 ms each
        studio.do("a", AppendFrames(at, at, 160))
    await studio.pool.flushed()
    assert studio.audio("a") == pcm(0, 10 * RATE)
    assert len(tape.reads) <= 52  # 10 s / 200 ms, the rest, and one
    assert all(frames <= RATE for _, frames in tape.reads)


async def test_flushed_is_the_barrier_of_those_named_and_leaves_the_rest_gathering(studio):
    tapes = {name: Tape() for name in "ab"}
    for name, tape in tapes.items():
        studio.add(name, tape)
        studio.do(name, AppendFrames(0, 0, 100))
    await studio.pool.flushed(["a", "unknown"])
    assert studio.audio("a") == pcm(0, 100)
    await studio.pool.flushed(["a"])
    assert tapes["b"].reads == []
    await studio.pool.flushed()
    assert studio.audio("b") == pcm(0, 100)


async def test_flushed_with_nothing_to_do_returns(studio):
    await studio.pool.flushed()
    await studio.pool.flushed(["a"])


async def test_many_recordings_of_one_source_each_get_theirs(studio):
    tape, names = Tape(), [f"r{number}" for number in range(16)]
    for name in names:
        studio.add(name, tape)
    for at in range(0, 4000, 100):
        for number, name in enumerate(names):
            studio.do(name, AppendFrames(at, at + number, 100))
    await studio.pool.flushed()
    for number, name in enumerate(names):
        assert studio.audio(name) == pcm(number, 4000)


async def test_stereo_is_speak_left_and_listen_right_mono_their_sum(studio):
    class Two(Tape):
        channels = 2

        def read(self, _first, frames):
            return bytes([1, 0, 2, 0]) * frames

    studio.add("mono", Two(), mixing=Mixing(2, "both", stereo=False))
    studio.add("stereo", Two(), mixing=Mixing(2, "both", stereo=True))
    for name in ("mono", "stereo"):
        studio.do(name, AppendFrames(0, 0, 10))
    await studio.pool.flushed()
    assert studio.audio("mono") == bytes([3, 0]) * 10
    assert studio.audio("stereo") == bytes([1, 0, 2, 0]) * 10


async def test_what_the_ring_overwrote_is_silence_and_told(studio):
    studio.add("a", Tape(oldest=1000))
    studio.do("a", AppendFrames(0, 400, 2000), CloseFile(2000, keep=True))
    await studio.reported(Closed, "a")
    assert studio.reports[1] == Lost("a", 0, 600)
    assert studio.audio("a") == bytes(1200) + pcm(1000, 1400)


async def test_all_of_it_may_be_lost(studio):
    studio.add("a", Tape(oldest=100_000))
    studio.do("a", AppendFrames(0, 400, 2000), CloseFile(2000, keep=True))
    await studio.reported(Closed, "a")
    assert studio.reports[1:-1] == [Lost("a", 0, 2000)]
    assert studio.audio("a") == bytes(4000)


async def test_a_replay_does_not_lose_what_was_written_before_the_ring_forgot_it(studio):
    """The checkpoint said 500; the file holds 800; the ring begins at 900 by now."""
    before = WavWriter(studio.path("a"), RATE, 1, 10**6)
    before.open()
    before.append(0, pcm(0, 800))
    studio.add("a", Tape(oldest=900), resume=True)
    studio.do("a", AppendFrames(500, 500, 1000), CloseFile(1500, keep=True))
    await studio.reported(Closed, "a")
    assert [report for report in studio.reports if isinstance(report, Lost)] == [Lost("a", 800, 100)]
    assert studio.audio("a") == pcm(0, 800) + bytes(200) + pcm(900, 600)


async def test_a_ring_s_own_reader_is_a_source(studio, tmp_path):
    ring = RingWriter(str(tmp_path / "front.ring"), "front", RATE, 1, 4096)
    ring.write(PCM[: ring.capacity * 4])  # two rings full: the first is overwritten
    reader = RingReader(str(tmp_path / "front.ring"))
    head, oldest = reader.head, reader.oldest
    studio.add("a", reader)
    studio.do("a", AppendFrames(0, oldest - 100, head - oldest + 100), CloseFile(head - oldest + 100, keep=True))
    await studio.reported(Closed, "a")
    assert studio.reports[1] == Lost("a", 0, 100)
    assert studio.audio("a") == bytes(200) + pcm(oldest, head - oldest)
    reader.close()
    ring.close()


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


async def test_a_fault_is_told_once_and_what_is_in_the_file_is_kept(studio):
    studio.add("a", writer=Broken(studio.path("a"), from_frame=1000))
    studio.do("a", AppendFrames(0, 0, 1000))
    await studio.pool.flushed()
    studio.do(
        "a",
        AppendFrames(1000, 1000, 1000),
        AppendSilence(2000, 50),
        AppendFrames(2050, 9, 9),
        CloseFile(2059, keep=True),
    )
    await studio.reported(Closed, "a")
    studio.pool.seal("a", {})
    await studio.reported(Sealed, "a")
    path = studio.path("a")
    assert studio.reports == [
        Opened("a", path),
        Failed("a", "disk_full", "no room", 1000),
        Closed("a", 1000, 2044, path),
        Sealed("a", path),
    ]
    assert studio.audio("a") == pcm(0, 1000)


async def test_a_fault_before_the_first_frame_leaves_no_file(studio):
    studio.add("a", writer=Broken(studio.path("a"), from_frame=0))
    studio.do("a", AppendFrames(0, 0, 1000), CloseFile(1000, keep=True))
    assert await studio.reported(Closed, "a") == Closed("a", 0, 0, None)
    assert list(studio.root.iterdir()) == []


async def test_a_file_that_cannot_be_made_is_told(studio):
    studio.add("a", writer=WavWriter(studio.root / "missing" / "a.wav", RATE, 1, 10**6))
    studio.do("a", AppendFrames(0, 0, 5000), CloseFile(5000, keep=True))
    assert await studio.reported(Closed, "a") == Closed("a", 0, 0, None)
    failed = await studio.reported(Failed, "a")
    assert (failed.reason, failed.frames) == ("write_error", 0)
    assert "No such file or directory" in failed.message
    assert len(studio.reports) == 2


async def test_a_source_that_breaks_is_the_recording_s_fault_alone(studio, caplog):
    class Torn(Tape):
        def read(self, _first, _frames):
            raise ValueError("the reader is closed")

    studio.add("a", Torn())
    studio.add("b")
    for name in "ab":
        studio.do(name, AppendFrames(0, 0, 5000))
    await studio.pool.flushed()
    failed = await studio.reported(Failed, "a")
    assert (failed.reason, failed.message) == ("write_error", "ValueError: the reader is closed")
    assert "the writer failed" in caplog.text
    assert studio.audio("b") == pcm(0, 5000)


async def test_an_end_that_cannot_be_synced_is_told_before_it(studio, monkeypatch):
    studio.add("a")
    studio.do("a", AppendFrames(0, 0, 100))
    await studio.pool.flushed()

    def broken(_self):
        raise WriteError("write_error", "Input/output error")

    monkeypatch.setattr("recorder.writers.part.PartFile.sync", broken)
    studio.do("a", CloseFile(100, keep=True))
    await studio.reported(Closed, "a")
    assert studio.reports[1:] == [
        Failed("a", "write_error", "Input/output error", 100),
        Closed("a", 100, 244, studio.path("a")),
    ]


async def test_a_name_that_cannot_be_given_leaves_the_part_and_is_told(studio):
    studio.add("a")
    studio.do("a", CloseFile(0, keep=True))
    studio.path("a").write_bytes(b"another's")
    await studio.reported(Closed, "a")
    studio.pool.seal("a", replace=False)
    sealed = await studio.reported(Sealed, "a")
    assert (await studio.reported(Failed, "a")).reason == "write_error"
    assert sealed.path == studio.path("a").with_suffix(".wav.part")
    assert studio.path("a").read_bytes() == b"another's"


class Stalled(WavWriter):
    """A file whose disk does not answer until it is told to."""

    def __init__(self, path):
        super().__init__(path, RATE, 1, 10**6)
        self.stalled, self.answer = threading.Event(), threading.Event()

    def append(self, file_frame, audio):
        self.stalled.set()
        self.answer.wait(20)
        super().append(file_frame, audio)


async def test_a_disk_that_stalls_holds_up_no_other_recording_nor_the_loop(studio):
    stalled = Stalled(studio.path("a"))
    studio.add("a", writer=stalled)
    studio.do("a", AppendFrames(0, 0, 4000))
    await asyncio.to_thread(stalled.stalled.wait, 20)
    for at in range(4000, 8000, 100):
        studio.do("a", AppendFrames(at, at, 100))
    studio.add("b")
    studio.do("b", AppendFrames(0, 0, 4000), CloseFile(4000, keep=True))
    await studio.reported(Closed, "b")
    flushed = asyncio.create_task(studio.pool.flushed())
    await asyncio.sleep(0)
    assert not flushed.done()
    stalled.answer.set()
    await flushed
    assert studio.audio("a") == pcm(0, 8000)


async def test_one_that_catches_up_takes_turns_with_the_others(tmp_path):
    studio = Studio(tmp_path, threads=1)
    stalled, tape = Stalled(studio.path("a")), Tape()
    studio.add("a", writer=stalled)
    studio.do("a", AppendFrames(0, 0, 4000))
    await asyncio.to_thread(stalled.stalled.wait, 20)
    studio.add("long", tape)
    studio.do("long", AppendFrames(0, 0, 50 * RATE))
    studio.add("short", tape)
    studio.do("short", AppendFrames(0, 7, RATE))
    stalled.answer.set()
    await studio.pool.close()
    assert tape.reads[:3] == [(0, RATE), (7, RATE), (RATE, RATE)]
    assert studio.audio("long") == pcm(0, 50 * RATE)


async def test_growing_files_are_named_and_can_be_looked_at(studio):
    studio.add("a")
    studio.add("b")
    await studio.pool.flushed()
    parts = {studio.path(name).with_suffix(".wav.part") for name in "ab"}
    assert set(studio.pool.growing()) == parts
    studio.path("a").with_suffix(".wav.part").unlink()
    studio.pool.check([*parts, Path("/unknown")])
    await studio.pool.flushed()
    assert [report.recording_id for report in studio.reports if isinstance(report, Failed)] == ["a"]
    studio.do("b", CloseFile(0, keep=True))
    await studio.reported(Closed, "b")
    assert studio.pool.growing() == [studio.path("a").with_suffix(".wav.part")]


async def test_a_recording_is_added_once(studio):
    studio.add("a")
    with pytest.raises(ValueError, match="written already"):
        studio.add("a")


async def test_close_does_what_was_asked_and_ends_the_threads(tmp_path):
    studio = Studio(tmp_path)
    studio.add("a")
    studio.do("a", AppendFrames(0, 0, 100))
    threads = studio.pool._threads
    await studio.pool.close()
    assert studio.audio("a") == pcm(0, 100)
    for thread in threads:
        await asyncio.to_thread(thread.join, 20)
        assert not thread.is_alive()


async def test_close_waits_for_no_disk_that_hangs(tmp_path):
    studio = Studio(tmp_path)
    stalled = Stalled(studio.path("a"))
    studio.add("a", writer=stalled)
    studio.do("a", AppendFrames(0, 0, 4000))
    with pytest.raises(TimeoutError):
        await studio.pool.close(timeout_s=0.05)
    stalled.answer.set()
    await studio.pool.close()
