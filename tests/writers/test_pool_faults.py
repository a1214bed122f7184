import pytest

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile
from recorder.writers import formats
from recorder.writers.errors import WriteError
from recorder.writers.part import PartFile
from recorder.writers.reports import Closed, Failed, Opened, Sealed
from recorder.writers.wav import WavWriter
from recorder.writers.writer import Filing
from tests.writers.studio import RATE, Broken, Studio, Tape, pcm


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


async def test_a_file_that_fails_and_is_deleted_is_still_closed_and_told_once(studio, caplog):
    studio.add("a", writer=Broken(studio.path("a"), from_frame=1000))
    studio.do("a", AppendFrames(0, 0, 1000))
    await studio.pool.flushed()
    studio.path("a").with_suffix(".wav.part").unlink()
    studio.do("a", AppendFrames(1000, 1000, 1000), CloseFile(2000, keep=True))
    await studio.reported(Closed, "a")
    studio.pool.seal("a", {})
    await studio.reported(Sealed, "a")
    path = studio.path("a")
    assert studio.reports[1:] == [
        Failed("a", "disk_full", "no room", 1000),
        Closed("a", 1000, 0, path),
        Sealed("a", path),
    ]
    assert "after its first fault" in caplog.text


@pytest.mark.parametrize("suffix", formats.names())
@pytest.mark.parametrize("refused", ["one write", "all writes"])
async def test_what_cannot_be_gone_on_with_is_kept_as_it_was_left(studio, monkeypatch, suffix, refused):
    filing = Filing(path=studio.root / f"a.{suffix}", rate=RATE, channels=1, most_frames=10**6, resume=True)
    left = formats.writer(suffix, filing)
    left.open()
    for first in range(0, 3 * RATE, 800):
        left.append(first, pcm(first, 800))
    held, before = left.frames, left.part.read_bytes()
    refuse(monkeypatch, times=1 if refused == "one write" else 1 << 30)
    studio.add("a", writer=formats.writer(suffix, filing), resume=True)
    studio.do("a", AppendFrames(held, held, 2 * RATE))
    failed = await studio.reported(Failed, "a")
    assert (failed.reason, failed.frames) == ("disk_full", held)
    studio.do("a", CloseFile(held - 100, keep=True))
    closed = await studio.reported(Closed, "a")
    if refused == "one write":
        assert closed == Closed("a", held - 100, left.part.stat().st_size, filing.path)
        assert formats.mend(filing.path).frames == held - 100
    else:
        assert closed == Closed("a", held, len(before), filing.path)
        assert left.part.read_bytes() == before


def refuse(monkeypatch, times):
    """Let so many writes fail."""
    real, left = PartFile.write, iter(range(times))

    def write(file, offset, data):
        if next(left, None) is not None:
            raise WriteError("disk_full", "no room")
        real(file, offset, data)

    monkeypatch.setattr(PartFile, "write", write)


async def test_a_file_that_another_process_writes_is_left_alone(studio):
    studio.add("a")
    await studio.reported(Opened, "a")
    other = Studio(studio.root)
    other.add("a")
    other.do("a", CloseFile(0, keep=True))
    assert await other.reported(Closed, "a") == Closed("a", 0, 0, None)
    studio.do("a", AppendFrames(0, 0, 800), CloseFile(800, keep=True))
    assert (await studio.reported(Closed, "a")).frames == 800
    await other.pool.close()
