import asyncio
from pathlib import Path

import pytest

from recorder._capture import RingWriter
from recorder._dsp import RingReader
from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.reports import Closed, Failed, Lost, Opened, Sealed
from recorder.writers.source import Mixing
from recorder.writers.wav import WavWriter
from tests.writers.studio import PCM, RATE, Stalled, Studio, Tape, pcm


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
