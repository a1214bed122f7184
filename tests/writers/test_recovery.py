import errno
import os

import pytest

from recorder.writers.closing import seal
from recorder.writers.layout import recording_path
from recorder.writers.recovery import Recovered, recover
from recorder.writers.wav import WavWriter

IDS = [f"01900000-0000-7000-8000-00000000000{n}" for n in range(4)]


def left(root, recording_id, frames, channels=1, most=10_000):
    """A part as a kill leaves it: nobody writes it."""
    path = recording_path(root, recording_id, 1_700_000_000.0, "wav")
    writer = WavWriter(path, 8000, channels, most, root=root)
    writer.open()
    if frames:
        writer.append(0, bytes(range(2 * channels)) * frames)
    written = writer.part.read_bytes()
    writer.discard()
    writer.part.write_bytes(written)
    return writer.part


def test_every_part_is_found_and_told(tmp_path):
    part = left(tmp_path, IDS[0], 100)
    other = left(tmp_path, IDS[1], 200, channels=2, most=2**33)
    facts = recover(tmp_path)
    assert facts == [
        Recovered(IDS[0], part.with_suffix(""), 100, 8000, 1, 244),
        Recovered(IDS[1], other.with_suffix(""), 200, 8000, 2, 880),
    ]
    for one in facts:
        seal(one.path, {"recovered": True})
    assert recover(tmp_path) == []


def test_those_picked_up_are_left_alone(tmp_path):
    left(tmp_path, IDS[0], 100)
    part = left(tmp_path, IDS[1], 100)
    with part.open("ab") as file:
        file.write(b"x")
    assert [one.recording_id for one in recover(tmp_path, held={IDS[1]})] == [IDS[0]]
    assert part.stat().st_size == 245


@pytest.mark.parametrize("most", [10_000, 2**33])
def test_a_file_cut_anywhere_is_cut_to_whole_frames(tmp_path, most):
    part = left(tmp_path, IDS[0], 64, channels=2, most=most)
    whole = part.read_bytes()
    for length in range(len(whole)):
        part.write_bytes(whole[:length])
        kept = max(0, length - (len(whole) - 256)) // 4
        (facts,) = recover(tmp_path)
        assert facts.frames == kept
        assert part.exists() == (kept > 0)
        if kept:
            assert part.stat().st_size == facts.size == len(whole) - 256 + 4 * kept


@pytest.mark.parametrize("size", [0, 10, 44, 5000])
def test_a_file_whose_head_never_came_is_removed(tmp_path, size):
    part = left(tmp_path, IDS[0], 0)
    part.write_bytes(bytes(size))
    assert recover(tmp_path) == [Recovered(IDS[0], part.with_suffix(""), 0, 0, 0, 0)]
    assert not part.exists()


def test_a_head_that_tells_too_much_or_too_little_is_set_right(tmp_path):
    for recording_id, told in ((IDS[0], 1), (IDS[1], 4_000_000)):
        part = left(tmp_path, recording_id, 100)
        with part.open("r+b") as file:
            file.seek(40)
            file.write(told.to_bytes(4, "little"))
    assert [one.frames for one in recover(tmp_path)] == [100, 100]
    assert part.read_bytes()[40:44] == (200).to_bytes(4, "little")


def test_what_cannot_be_mended_is_named_and_holds_up_no_other(tmp_path, caplog):
    bad = left(tmp_path, IDS[0], 10)
    bad.write_bytes(b"something else altogether" * 10)
    link = left(tmp_path, IDS[1], 10)
    link.unlink()
    link.symlink_to(bad)
    left(tmp_path, IDS[2], 10)
    assert [one.recording_id for one in recover(tmp_path)] == [IDS[2]]
    assert [f"{bad}" in message or f"{link}" in message for message in caplog.messages] == [True, True]
    assert bad.read_bytes() == b"something else altogether" * 10


def test_what_a_disk_lets_nobody_mend_counts_as_it_tells_itself(tmp_path, caplog, monkeypatch):
    part = left(tmp_path, IDS[0], 100)

    def refused(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "ftruncate", refused)
    assert recover(tmp_path) == [Recovered(IDS[0], part.with_suffix(""), 100, 8000, 1, 244)]
    assert str(part) in caplog.text
    assert part.stat().st_size == 244


def test_whole_files_and_sidecars_are_left_alone_and_half_a_sidecar_goes(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"whole")
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / f"{IDS[0]}.json.new").write_bytes(b"{")
    assert recover(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.wav"]  # one that has its name stands


STRANGE = [
    "mine.wav",
    "",
    ".wav",
    f"{IDS[0]} copy.wav",
    "wei\udcffrd\n.mp3",
    "0190000A-0000-7000-8000-000000000000.mp4",
]


@pytest.mark.parametrize("name", STRANGE)
def test_a_part_that_is_not_named_as_a_recording_is_left_alone(tmp_path, name):
    part = tmp_path / f"{name}.part"
    part.touch()
    assert recover(tmp_path) == []
    assert list(tmp_path.iterdir()) == [part]


def test_what_another_service_writes_is_left_alone(tmp_path):
    writer = WavWriter(recording_path(tmp_path, IDS[0], 1_700_000_000.0, "wav"), 8000, 1, 10_000, root=tmp_path)
    writer.open()
    writer.append(0, bytes(200))
    track = writer.path.with_suffix(".track")
    track.write_bytes(b"RECTRACK")
    before = writer.part.read_bytes()
    assert recover(tmp_path) == []
    assert (writer.part.read_bytes(), track.read_bytes()) == (before, b"RECTRACK")
    writer.close(100)
    assert [(facts.recording_id, facts.frames) for facts in recover(tmp_path)] == [(IDS[0], 100)]
