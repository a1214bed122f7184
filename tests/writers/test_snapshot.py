"""A file as others may read it while it grows."""

import struct

import pytest

from recorder.writers.erasing import erase
from recorder.writers.layout import part_of
from recorder.writers.snapshot import Snapshot
from recorder.writers.wav import WavWriter


def everything(snapshot):
    """All of its bytes, read in odd pieces."""
    data = b""
    while piece := snapshot.read(len(data), 37):
        data += piece
    return data


@pytest.fixture
def writer(tmp_path):
    made = WavWriter(tmp_path / "a.wav", 8000, 1, 1000)
    made.open()
    return made


def test_a_growing_file_is_what_its_head_tells_of(writer):
    writer.append(0, b"\1\2" * 100)
    snapshot = Snapshot.of(writer.path)
    with writer.part.open("ab") as behind:
        behind.write(b"\3\4" * 50)  # on its way, not yet in the head
    writer.append(100, b"\5\6" * 100)
    assert snapshot.growing
    data = everything(snapshot)
    assert len(data) == snapshot.size == 44 + 200
    assert struct.unpack_from("<4sI", data) == (b"RIFF", 36 + 200)
    assert data[44:] == b"\1\2" * 100
    assert snapshot.read(240, 100) == b"\1\2\1\2"
    assert snapshot.read(244, 100) == b""
    snapshot.close()
    snapshot.close()


def test_a_file_without_audio_yet_has_no_size(writer):
    snapshot = Snapshot.of(writer.path)
    assert (snapshot.growing, snapshot.size) == (True, 0)
    snapshot.close()
    writer.part.write_bytes(b"")
    assert Snapshot.of(writer.path).size == 0
    writer.part.write_bytes(b"not a wave file at all, but some of the length of its head" * 3)
    assert Snapshot.of(writer.path).size == 0


def test_a_file_with_room_for_64_bit_sizes_tells_of_its_frames(tmp_path):
    writer = WavWriter(tmp_path / "big.wav", 8000, 2, 1 << 31)
    writer.open()
    writer.append(0, b"\1\2\3\4" * 10)
    snapshot = Snapshot.of(writer.path)
    assert snapshot.size == 80 + 40
    assert everything(snapshot)[80:] == b"\1\2\3\4" * 10


def test_a_whole_file_is_all_of_it(writer):
    writer.append(0, b"\1\2" * 100)
    writer.close(100)
    writer.part.rename(writer.path)
    snapshot = Snapshot.of(writer.path)
    assert not snapshot.growing
    assert everything(snapshot) == writer.path.read_bytes()


def test_what_is_renamed_meanwhile_is_read_on(writer):
    writer.append(0, b"\1\2" * 100)
    snapshot = Snapshot.of(writer.path)
    writer.close(100)
    writer.part.rename(writer.path)
    assert everything(snapshot) == writer.path.read_bytes()


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        Snapshot.of(tmp_path / "a.wav")


def test_a_link_in_its_place_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "a.wav").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic"):
        Snapshot.of(tmp_path / "a.wav")


def test_erasing_takes_audio_part_and_sidecar_and_no_more(tmp_path):
    path = tmp_path / "a.wav"
    for file in (path, part_of(path), tmp_path / "a.json", tmp_path / "b.wav"):
        file.write_bytes(b"x")
    erase(path)
    erase(path)
    assert [file.name for file in tmp_path.iterdir()] == ["b.wav"]
    erase(tmp_path / "nowhere" / "a.wav")
