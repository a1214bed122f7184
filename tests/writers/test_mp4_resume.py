"""An mp4 file that a kill, a power cut or a full disk left: gone on with, or mended."""

import errno
import os
import random

import numpy as np
import pytest

from recorder.writers import formats, mp4
from recorder.writers.aac import PACKET_FRAMES
from recorder.writers.errors import WriteError
from recorder.writers.part import PartFile
from recorder.writers.recovery import recover
from tests.damage import damaged, level_dbfs
from tests.fixtures.ffmpeg import ffmpeg
from tests.speech import speech
from tests.writers.test_mp4 import KINDS, filing, write


def fill(writer, frames):
    for at in range(0, len(frames), 1600):
        writer.append(at, frames[at : at + 1600].tobytes())


def resume(path, frames, rate, start):
    """Go on with a part as a restarted service does: what was appended last again, from `start` on, then the rest."""
    writer = formats.writer("mp4", filing(path, rate, frames.shape[1], resume=True))
    writer.open()
    for at in range(start, len(frames), rate // 5):
        writer.append(at, frames[at : at + rate // 5].tobytes())
    writer.close(len(frames))
    return writer.part


@pytest.fixture
def states(monkeypatch):
    """What stands in the file before each write of its writer, and in the middle of it."""
    seen = []
    real_write, real_cut = PartFile.write, PartFile.cut

    def write_in_halves(self, offset, data):
        seen.append(self.part.read_bytes())
        real_write(self, offset, data[: len(data) // 2])
        seen.append(self.part.read_bytes())
        real_write(self, offset, data)

    def cut(self, length):
        seen.append(self.part.read_bytes())
        real_cut(self, length)

    monkeypatch.setattr(PartFile, "write", write_in_halves)
    monkeypatch.setattr(PartFile, "cut", cut)
    yield seen
    monkeypatch.undo()


def test_a_kill_at_any_write_costs_nothing_that_a_replay_does_not_bring_back(tmp_path, states, monkeypatch):
    frames = speech(8000, 9)[: 9 * 8000 - 100]  # over a new codec
    whole = write(tmp_path / "whole.mp4", frames, 8000).read_bytes()
    monkeypatch.undo()
    assert len(states) > 60
    for number, state in enumerate(states):
        path = tmp_path / f"{number}.mp4"
        path.with_name(f"{number}.mp4.part").write_bytes(state)
        assert resume(path, frames, 8000, 0).read_bytes() == whole, f"killed at write {number}"


@pytest.mark.parametrize(("rate", "channels"), KINDS)
def test_seams_damage_nothing(tmp_path, rate, channels):
    frames = speech(rate, 14, channels)[: 14 * rate - 77]
    whole = write(tmp_path / "whole.mp4", frames, rate)
    expected = ffmpeg(whole, channels)
    chance = random.Random(0)
    figures = []
    for number in range(3):
        killed_at = chance.randrange(rate // 2, len(frames) - rate)
        path = tmp_path / f"{number}.mp4"
        killed = formats.writer("mp4", filing(path, rate, channels))
        killed.open()
        for at in range(0, killed_at, rate // 50):
            killed.append(at, frames[at : min(at + rate // 50, killed_at)].tobytes())
        with path.with_name(f"{number}.mp4.part").open("ab") as part:
            part.write(chance.randbytes(chance.randrange(300)))
        checkpoint = killed_at - chance.randrange(rate // 2)
        seam = resume(path, frames, rate, max(0, checkpoint - round(mp4.RUN_UP_S * rate)))
        figures.append(len(damaged(expected, ffmpeg(seam, channels), PACKET_FRAMES)))
        assert seam.read_bytes() == whole.read_bytes()
    print(f"mp4 {rate} Hz, {channels} channels: codec frames damaged at each of 3 seams: {figures}")
    assert not any(figures)


def test_where_the_ring_has_forgotten_the_run_up_the_length_is_right_and_what_follows_sounds(tmp_path):
    frames = speech(8000, 12)
    path = tmp_path / "a.mp4"
    killed = formats.writer("mp4", filing(path))
    killed.open()
    killed.append(0, frames[:60_000].tobytes())
    told = killed.frames
    heard = ffmpeg(resume(path, frames, 8000, 60_000 - 800), 1)
    assert len(frames) <= len(heard) < len(frames) + PACKET_FRAMES
    assert level_dbfs(heard[:told] - frames[:told]) < level_dbfs(frames[:told]) - 15
    after = slice(62_000, 96_000)
    assert level_dbfs(heard[after] - frames[after]) < level_dbfs(frames[after]) - 15


def test_a_file_that_was_ended_and_not_yet_named_is_as_it_was_after_a_replay(tmp_path):
    path = tmp_path / "a.mp4"
    for length in (30_000, 30 * PACKET_FRAMES):
        frames = speech(8000, 5)[:length]
        whole = write(path, frames, 8000)
        before = whole.read_bytes()
        assert resume(path, frames, 8000, 20_000).read_bytes() == before  # with too little to encode it again
        whole.rename(path)
        assert resume(path, frames, 8000, 20_000) == whole
        assert path.read_bytes() == before
        path.unlink()


def test_a_file_that_was_ended_can_become_longer(tmp_path):
    path = tmp_path / "a.mp4"
    frames = speech(8000, 9)
    whole = write(tmp_path / "whole.mp4", frames, 8000).read_bytes()
    for length in (1, 30_000, 30_001, 65_000):
        path.with_name("a.mp4.part").unlink(missing_ok=True)
        write(path, frames[:length], 8000)
        assert resume(path, frames, 8000, 0).read_bytes() == whole


def test_cut_anywhere_a_file_is_mended_to_its_last_whole_fragment(tmp_path):
    whole = write(tmp_path / "whole.mp4", speech(8000, 3), 8000).read_bytes()
    ends = [at - 4 for at in range(len(whole)) if whole[at : at + 4] == b"moof"] + [len(whole)]
    counts = [0, *(4 * (n + 1) for n in range(len(ends) - 2)), 25]
    lengths = {*range(0, ends[1] + 200, 7), *range(ends[1] - 5, len(whole), 61), *ends, *(end - 1 for end in ends)}
    mended = {}
    for length in sorted(lengths):
        part = tmp_path / f"{length}" / "0190a1b2-0000-7000-8000-000000000001.mp4.part"
        part.parent.mkdir()
        part.write_bytes(whole[:length])
        (found,) = recover(part.parent)
        fragments = sum(end <= length for end in ends) - 1
        if fragments < 1:
            assert found.frames == 0
            assert not part.exists()
        else:
            kept = 24_000 if length == len(whole) else (counts[fragments] - 1) * PACKET_FRAMES
            assert (found.frames, found.rate, found.channels) == (kept, 8000, 1)
            assert found.size == part.stat().st_size == ends[fragments]
            mended[fragments, part.read_bytes()] = part
            assert recover(part.parent) == [found]
    assert len(mended) == len(ends) - 1
    for part in mended.values():
        ffmpeg(part, 1)


@pytest.mark.parametrize("sectors", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)])
def test_a_head_of_which_sectors_never_came_to_the_disk_is_no_audio(tmp_path, sectors):
    part = tmp_path / "0190a1b2-0000-7000-8000-000000000001.mp4.part"
    writer = formats.writer("mp4", filing(part.with_suffix("")))
    writer.open()
    torn = bytearray(part.read_bytes())
    writer.discard()
    assert 1024 < len(torn) <= 1536
    for sector in sectors:
        torn[sector * 512 : (sector + 1) * 512] = bytes(len(torn[sector * 512 : (sector + 1) * 512]))
    part.write_bytes(torn)
    (found,) = recover(tmp_path)
    assert found.frames == 0
    assert not part.exists()


@pytest.mark.parametrize("torn", [bytes(512), b"\xff" * 64, b"moof" * 40])
def test_what_a_power_cut_tore_is_cut_away(tmp_path, torn):
    path = tmp_path / "0190a1b2-0000-7000-8000-000000000001.mp4"
    whole = write(path, speech(8000, 4), 8000).read_bytes()
    starts = [at - 4 for at in range(len(whole)) if whole[at : at + 4] == b"moof"]
    for at in (starts[3], starts[3] + 50, starts[3] + 300):
        path.with_name(path.name + ".part").write_bytes(whole[:at] + torn + whole[at + len(torn) :])
        (found,) = recover(tmp_path)
        assert (found.frames, found.size) == (11 * PACKET_FRAMES, starts[3])
        assert len(ffmpeg(path.with_name(path.name + ".part"), 1)) == found.frames


def test_what_the_head_does_not_tell_yet_is_kept(tmp_path, states, monkeypatch):
    path = tmp_path / "0190a1b2-0000-7000-8000-000000000001.mp4"
    whole = write(path, speech(8000, 4), 8000).read_bytes()
    monkeypatch.undo()
    head = whole.index(b"moof") - 4
    for state in (states[5], states[9], states[12]):
        path.with_name(path.name + ".part").write_bytes(state[:head] + whole[head:])
        (found,) = recover(tmp_path)
        assert found.frames == (packets := -(-32_000 // PACKET_FRAMES)) * PACKET_FRAMES
        assert found.size == len(whole)
        assert len(ffmpeg(path.with_name(path.name + ".part"), 1)) == packets * PACKET_FRAMES


def test_what_is_no_mp4_is_left_as_it_is(tmp_path):
    part = tmp_path / "0190a1b2-0000-7000-8000-000000000001.mp4.part"
    part.write_bytes(b"not one of ours" * 400)
    assert recover(tmp_path) == []
    assert part.read_bytes() == b"not one of ours" * 400


def test_a_disk_that_fills_up_keeps_what_was_told(tmp_path, monkeypatch):
    frames = speech(8000, 6)
    writer = formats.writer("mp4", filing(tmp_path / "a.mp4"))
    writer.open()
    real, room = os.pwrite, 9000

    def full(fd, data, offset):
        if offset + len(data) > room:
            real(fd, data[: max(0, room - offset)], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(WriteError) as failed:
        fill(writer, frames)
    assert failed.value.reason == "disk_full"
    told = writer.frames
    assert told > 8000
    assert writer.close(told) == writer.part.stat().st_size < room
    assert len(ffmpeg(writer.part, 1)) == told


def test_a_resumed_file_keeps_its_tags_and_bit_rate(tmp_path):
    frames = speech(8000, 3)
    path = tmp_path / "a.mp4"
    killed = formats.writer("mp4", filing(path))
    killed.open()
    killed.append(0, frames[:16_000].tobytes())
    head = killed.part.read_bytes()[:1000]
    later = resume(path, frames, 8000, 0).read_bytes()[:1000]
    assert np.count_nonzero(np.frombuffer(head, np.uint8) != np.frombuffer(later, np.uint8)) < 30  # durations alone
