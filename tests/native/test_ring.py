"""The ring through its two doors: who may write, what a reader sees, what is refused."""

import gc
import struct
from pathlib import Path
from typing import Literal

import pytest

from recorder._capture import RingWriter
from recorder._dsp import Overtaken, RingFault, RingReader

CAUSES: tuple[Literal["overrun", "restart", "device"], ...] = ("overrun", "restart", "device")


def frames_of(first: int, frames: int, channels: int) -> bytes:
    """Audio that tells which frame it is, and is never silent."""
    numbers = range(first * channels, (first + frames) * channels)
    return struct.pack(f"<{len(numbers)}h", *(number * 40503 % 32749 + 1 for number in numbers))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "front.ring"


def test_reader_sees_what_the_ring_is(path: Path) -> None:
    writer = RingWriter(path, "front", 16000, 2, 20000)
    reader = RingReader(path)
    assert (reader.line, reader.rate, reader.channels, reader.capacity) == ("front", 16000, 2, writer.capacity)
    assert writer.capacity >= 20000
    assert not writer.attached
    assert (reader.head, reader.oldest, reader.heartbeat_ns) == (0, 0, 0)
    assert (reader.ended, reader.retired) == (False, False)


def test_read_gives_frames_until_they_are_overwritten(path: Path) -> None:
    writer = RingWriter(path, "front", 8000, 2, 1)
    reader = RingReader(path)
    writer.write(frames_of(0, writer.capacity + 10, 2))
    assert reader.read(10, 100) == frames_of(10, 100, 2)
    assert reader.read(reader.head, 0) == b""
    with pytest.raises(Overtaken) as caught:
        reader.read(9, 1)
    assert caught.value.oldest == 10
    with pytest.raises(ValueError, match="not all written yet"):
        reader.read(reader.head - 1, 2)
    with pytest.raises(ValueError, match="not all written yet"):
        reader.read(2**64 - 1, 2**64 - 1)
    with pytest.raises(OverflowError):
        reader.read(-1, 1)


def test_gap_is_told_with_its_cause(path: Path) -> None:
    writer = RingWriter(path, "front", 8000, 1, 2000)
    reader = RingReader(path)
    for cause in CAUSES:
        writer.write_gap(10, cause)
    assert reader.gaps() == [(1, 0, 10, 1), (2, 10, 10, 2), (3, 20, 10, 3)]
    assert reader.gaps(2) == [(3, 20, 10, 3)]
    assert reader.gaps(2**64 - 1) == []
    assert reader.read(0, 30) == bytes(60)
    with pytest.raises(ValueError, match="overrun, restart, device"):
        writer.write_gap(10, "boredom")


def test_frame_and_time_map_both_ways(path: Path) -> None:
    writer = RingWriter(path, "front", 8000, 1, 2000)
    reader = RingReader(path)
    assert reader.time_of(5) == (0, 0)
    writer.write_anchor(8000, 10**10, 17 * 10**17, 8000.4)
    assert reader.time_of(8000) == (10**10, 17 * 10**17)
    boottime_ns, realtime_ns = reader.time_of(12345)
    assert reader.frame_at(boottime_ns) == 12345
    assert realtime_ns - boottime_ns == 17 * 10**17 - 10**10


def test_second_writer_is_turned_away(path: Path) -> None:
    writer = RingWriter(path, "front", 8000, 1, 2000)
    with pytest.raises(BlockingIOError, match=r"front\.ring: another writer has it"):
        RingWriter(path, "front", 8000, 1, 2000)
    writer.close()
    assert RingWriter(path, "front", 8000, 1, 2000).attached


@pytest.mark.parametrize("change", [("back", 8000, 1), ("front", 16000, 1), ("front", 8000, 2)], ids=str)
def test_ring_of_another_geometry_is_retired_and_replaced(path: Path, change: tuple[str, int, int]) -> None:
    writer = RingWriter(path, "front", 8000, 1, 2000)
    writer.write(bytes(20))
    old = RingReader(path)
    writer.close()
    replacement = RingWriter(path, *change, 2000)
    assert not replacement.attached
    assert old.retired
    assert (RingReader(path).line, RingReader(path).rate, RingReader(path).channels) == change
    assert RingReader(path).epoch != old.epoch


@pytest.mark.parametrize(
    ("line", "rate", "channels", "capacity"),
    [
        ("Front", 8000, 1, 1),
        ("", 8000, 1, 1),
        ("x" * 33, 8000, 1, 1),
        ("a\0b", 8000, 1, 1),
        ("front", 0, 1, 1),
        ("front", 8000, 0, 1),
        ("front", 8000, 65, 1),
        ("front", 8000, 1, 0),
        ("front", 8000, 1, 2**63),
    ],
)
def test_writer_refuses_bad_arguments(path: Path, line: str, rate: int, channels: int, capacity: int) -> None:
    with pytest.raises(ValueError, match=r"line|ring|NUL"):
        RingWriter(path, line, rate, channels, capacity)
    assert list(path.parent.iterdir()) == []


def test_writer_names_what_is_wrong_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/front\.ring: cannot be made"):
        RingWriter(tmp_path / "nowhere" / "front.ring", "front", 8000, 1, 1)
    with pytest.raises(IsADirectoryError):
        RingWriter(tmp_path, "front", 8000, 1, 1)


@pytest.mark.parametrize(
    ("at", "content", "message"),
    [
        (0, b"RIFF", "wrong magic"),
        (8, b"\x02", "version 2"),
        (44, b"0000", "another boot"),
        (24, b"\x01", "wrong size"),
    ],
)
def test_reader_refuses_a_damaged_header(path: Path, at: int, content: bytes, message: str) -> None:
    RingWriter(path, "front", 8000, 1, 1).close()
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)
    with pytest.raises(RingFault, match=rf"front\.ring: .*{message}"):
        RingReader(path)


def test_reader_refuses_what_is_no_ring(path: Path) -> None:
    with pytest.raises(RingFault, match="No such file"):
        RingReader(path)
    path.write_bytes(b"RECRING1")
    with pytest.raises(RingFault, match="too short: 8 bytes"):
        RingReader(path)
    with pytest.raises(RingFault, match="no regular file"):
        RingReader(path.parent)
    with pytest.raises(RingFault, match="NUL"):
        RingReader("a\0b")


def test_short_ring_is_refused(path: Path) -> None:
    RingWriter(path, "front", 8000, 1, 1).close()
    whole = path.read_bytes()
    for size in (len(whole) - 1, len(whole) + 1):
        path.write_bytes((whole + b"\0")[:size])
        with pytest.raises(RingFault, match="wrong size"):
            RingReader(path)


def test_drift_is_that_of_the_newest_anchor_once_it_is_measured(path: Path) -> None:
    writer, reader = RingWriter(path, "front", 8000, 1, 8000), RingReader(path)
    assert reader.drift_ppm is None
    writer.write_anchor(0, 10**10, 17 * 10**17, 0.0)
    assert reader.drift_ppm is None
    writer.write(frames_of(0, 8000, 1))
    writer.write_anchor(8000, 11 * 10**9, 17 * 10**17, 7999.6)
    assert reader.drift_ppm == pytest.approx(-50)


def test_closed_doors_raise(path: Path) -> None:
    writer = RingWriter(path, "front", 8000, 1, 1)
    reader = RingReader(path)
    for _ in range(2):
        reader.close()
        writer.close()
    for use in (lambda: reader.head, lambda: reader.read(0, 0), reader.gaps, lambda: reader.frame_at(0)):
        with pytest.raises(ValueError, match="closed"):
            use()
    for change in (lambda: writer.head, lambda: writer.write(b""), writer.set_ended, writer.lock_memory):
        with pytest.raises(ValueError, match="closed"):
            change()


def test_reader_outlives_its_file(path: Path) -> None:
    writer = RingWriter(path, "front", 8000, 1, 1)
    reader = RingReader(path)
    writer.write(frames_of(0, 100, 1))
    path.unlink()
    writer.close()
    del writer
    gc.collect()
    assert reader.read(0, 100) == frames_of(0, 100, 1)
