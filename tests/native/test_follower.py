"""The follower through its door, with its thread: what the other thread gets to hear of, and when a ring is let go."""

import gc
import select
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recorder._capture import RingWriter
from recorder._dsp import Ear, Follower, RingReader
from tests.waiting import until

if TYPE_CHECKING:
    from recorder._dsp import Heard

RATE = 8000


@pytest.fixture
def follower() -> Iterator[Follower]:
    follower = Follower()
    thread = threading.Thread(target=follower.run)
    thread.start()
    yield follower
    follower.stop()
    thread.join()


@pytest.fixture
def writer(tmp_path: Path) -> RingWriter:
    return RingWriter(tmp_path / "front.ring", "front", RATE, 2, 30 * RATE)


@pytest.fixture
def reader(tmp_path: Path, writer: RingWriter) -> RingReader:
    del writer  # it makes the file
    return RingReader(tmp_path / "front.ring")


def noise(frames: int) -> bytes:
    return struct.pack(f"<{2 * frames}h", *((number * 40503 >> 3) % 20011 - 10000 for number in range(2 * frames)))


def drain_until(follower: Follower, last: Callable[["Heard"], bool]) -> list["Heard"]:
    """Results, by the eventfd, up to one that `last` is true of."""
    heard: list[Heard] = []
    while not any(last(one) for one in heard):
        assert select.select([follower], [], [], 20)[0], f"nothing came after {heard[-1:]}"
        heard += follower.drain()
    return heard


def audio(heard: list["Heard"]) -> list[tuple[int, int, int, tuple[bytes, ...], tuple[tuple[int, str, str, int], ...]]]:
    return [(one[2], one[3], one[4], one[5], one[6]) for one in heard if one[0] == "audio"]


def test_follower_tells_what_an_ear_would(follower: Follower, writer: RingWriter, reader: RingReader) -> None:
    follower.add(5, reader, 0)
    pcm = noise(2 * RATE)
    for at in range(0, len(pcm), 4 * 160):
        writer.write(pcm[at : at + 4 * 160])
    writer.set_ended()
    heard = drain_until(follower, lambda one: one[0] == "ended")
    assert heard[-1] == ("ended", 5, 2 * RATE)
    ear = Ear(RATE, 2)
    alone = audio([ear.hear(pcm), ear.flush()])
    together = audio(heard)
    for party in (0, 1):
        assert b"".join(told[3][party] for told in together) == b"".join(told[3][party] for told in alone)
    assert [digit for told in together for digit in told[4]] == [digit for told in alone for digit in told[4]]
    assert len(b"".join(told[3][0] for told in together)) == 6 * 200
    assert together[-1][:2] == (2 * RATE, 2 * RATE)


def test_gap_comes_before_its_audio(follower: Follower, writer: RingWriter, reader: RingReader) -> None:
    writer.write(noise(100))
    writer.write_gap(1000, "restart")
    follower.add(0, reader, 0)
    heard = drain_until(follower, lambda one: one[0] == "audio" and one[2] == 1100)
    assert [one[:2] for one in heard[:2]] == [("gap", 0), ("audio", 0)]
    assert heard[0] == ("gap", 0, 100, 1000)


def test_snapshot_is_an_ear(follower: Follower, writer: RingWriter, reader: RingReader) -> None:
    pcm = noise(3 * RATE)
    writer.write(pcm)
    follower.add(0, reader, 0)
    snapshots = [one for one in drain_until(follower, lambda one: one[2] == 3 * RATE) if one[0] == "snapshot"]
    assert [one[2] for one in snapshots][:3] == [RATE, 2 * RATE, 3 * RATE]
    ear = Ear(RATE, 2)
    ear.hear(pcm[: 4 * RATE])
    assert ear.snapshot() == snapshots[0][3]


def test_follower_goes_on_from_a_snapshot(follower: Follower, writer: RingWriter, reader: RingReader) -> None:
    pcm = noise(2 * RATE)
    ear = Ear(RATE, 2)
    ear.hear(pcm[: 4 * 1003])
    writer.write(pcm)
    follower.add(0, reader, 1003, ear.snapshot())
    heard = audio(drain_until(follower, lambda one: one[0] == "audio" and one[2] == 2 * RATE))
    rest = audio([ear.hear(pcm[4 * 1003 :])])
    assert b"".join(told[3][1] for told in heard) == b"".join(told[3][1] for told in rest)
    assert heard[0][2] == rest[0][2]


def test_overtaken_follower_tells_the_loss(writer: RingWriter, reader: RingReader) -> None:
    for _ in range(40):
        writer.write(noise(RATE))
    late = Follower()
    late.add(0, reader, 0)
    thread = threading.Thread(target=late.run)
    thread.start()
    heard = drain_until(late, lambda one: one[0] == "audio")
    late.stop()
    thread.join()
    begin = -(-reader.oldest // 80) * 80
    assert heard[0] == ("lost", 0, 0, begin)
    assert audio(heard)[0][2] in (0, begin // 80)


def test_retired_ring_is_told_of(follower: Follower, writer: RingWriter, reader: RingReader) -> None:
    writer.write(noise(100))
    writer.set_retired()
    follower.add(0, reader, 0)
    assert drain_until(follower, lambda one: one[0] == "retired")[-1] == ("retired", 0, 100)


def test_silent_line_is_told_of_and_its_return(follower: Follower, writer: RingWriter, reader: RingReader) -> None:
    writer.write(noise(100))
    follower.add(0, reader, 0)
    assert drain_until(follower, lambda one: one[0] == "silent")[-1] == ("silent", 0, 100, reader.heartbeat_ns)
    writer.write(noise(1))
    heard = drain_until(follower, lambda one: one[0] == "audio" and one[2] == 101)
    assert ("back", 0, 100) in heard


def test_removed_ring_is_unmapped_when_its_reader_is_closed(
    follower: Follower, writer: RingWriter, reader: RingReader, tmp_path: Path
) -> None:
    def mapped_readonly() -> bool:
        maps = Path("/proc/self/maps").read_text().splitlines()
        return any(str(tmp_path) in line and " r--s " in line for line in maps)

    follower.add(0, reader, 0)
    reader.close()
    writer.write(noise(800))
    drain_until(follower, lambda one: one[0] == "audio" and one[2] == 800)
    assert mapped_readonly()
    follower.remove(0)
    assert not mapped_readonly()


def test_line_is_added_and_removed_without_the_thread(writer: RingWriter, reader: RingReader) -> None:
    idle = Follower(slots=2)
    writer.write(noise(10))
    idle.add(1, reader, 0)
    with pytest.raises(ValueError, match="slot 1, line front: the slot is in use"):
        idle.add(1, reader, 0)
    idle.remove(1)
    with pytest.raises(ValueError, match="slot 1 is not in use"):
        idle.remove(1)
    idle.add(1, reader, 0)
    assert idle.drain() == []
    assert idle.passes == 0


def test_follower_dies_before_its_ring(reader: RingReader) -> None:
    idle = Follower()
    idle.add(0, reader, 0)
    del idle
    gc.collect()
    assert reader.head == 0


def test_follower_refuses_what_it_cannot_follow(tmp_path: Path, reader: RingReader) -> None:
    follower = Follower(slots=1)
    with pytest.raises(ValueError, match="no such slot"):
        follower.add(1, reader, 0)
    with pytest.raises(ValueError, match="another version, rate or number of parties"):
        follower.add(0, reader, 0, b"no ear")
    with pytest.raises(ValueError, match="the state is of another frame"):
        follower.add(0, reader, 80, Ear(RATE, 2).snapshot())
    for rate, channels in ((11025, 2), (96000, 1), (8000, 3)):
        path = tmp_path / f"{rate}-{channels}.ring"
        writer = RingWriter(path, "odd", rate, channels, 1000)
        with pytest.raises(ValueError, match="no ear for this rate or number of channels"):
            follower.add(0, RingReader(path), 0)
        writer.close()
    with pytest.raises(TypeError):
        follower.add(0, None, 0)
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        follower.add(0, reader, 0)
    for slots, queue_bytes in ((0, 1 << 20), (65, 1 << 20), (1, 100)):
        with pytest.raises(ValueError, match="slots"):
            Follower(slots, queue_bytes)


def test_second_audio_thread_is_turned_away(follower: Follower) -> None:
    until(lambda: follower.passes)
    with pytest.raises(RuntimeError, match="running already"):
        follower.run()


def test_passes_go_on_and_stop(follower: Follower) -> None:
    seen = follower.passes
    until(lambda: follower.passes > seen + 1)
