"""MP3 files that were left growing: cut to what is valid, and readable without complaint."""

import random

import pytest

from recorder.writers.layout import recording_path
from recorder.writers.mp3 import Mp3Writer
from recorder.writers.mp3head import frames_in
from recorder.writers.mp3packets import Shape
from recorder.writers.recovery import recover
from recorder.writers.writer import Filing, Tags
from tests.fixtures.ffmpeg import decode
from tests.speech import speech

ID = "0190a5d4-0000-7000-8000-000000000001"


def left(root, rate=8000, channels=1, seconds=3, step_s=0.2):
    """A part that grew so long, and what it would have told before each write."""
    pcm = speech(rate, seconds, channels)
    path = recording_path(root, ID, 1.7e9, "mp3")
    writer = Mp3Writer(
        Filing(path=path, rate=rate, channels=channels, most_frames=0, root=root, tags=Tags(ID, "b", 1.0))
    )
    writer.open()
    step = round(step_s * rate)
    for at in range(0, len(pcm), step):
        writer.append(at, pcm[at : at + step].tobytes())
    writer._file.close()
    return writer


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2), (44100, 1), (48000, 2)])
def test_cut_anywhere_everything_up_to_the_last_whole_packet_is_recovered(tmp_path, rate, channels):
    writer, shape, chosen = left(tmp_path, rate, channels), Shape(rate, channels), random.Random(rate)
    data = writer.part.read_bytes()
    head = writer._head.size
    ends = [0, *shape.ends(data[head:])]
    before = decode(writer.part, channels)[0]
    cuts = [0, 1, head - 1, head, head + 1, *(chosen.randrange(head, len(data)) for _ in range(12))]
    for cut in cuts:
        writer.part.write_bytes(data[:cut])
        (found,) = recover(tmp_path)
        packets = sum(head + end <= cut for end in ends) - 1
        assert found.frames == frames_in(max(0, packets), shape)
        if found.frames == 0:
            assert not writer.part.exists()
            continue
        assert (found.rate, found.channels, found.size) == (rate, channels, writer.part.stat().st_size)
        got, complaints = decode(writer.part, channels)
        assert (len(got), complaints) == (found.frames, "")
        assert (got[: len(before)] == before[: len(got)]).all()
        assert recover(tmp_path) == [found]


def test_a_hole_ends_it(tmp_path):
    writer = left(tmp_path)
    data = bytearray(writer.part.read_bytes())
    data[4096:4608] = bytes(512)
    writer.part.write_bytes(data)
    (found,) = recover(tmp_path)
    assert 0 < found.frames < (4096 - writer._head.size) / 144 * 576
    got, complaints = decode(writer.part, 1)
    assert (len(got), complaints) == (found.frames, "")


def test_closed_and_not_sealed_it_keeps_its_exact_length(tmp_path):
    writer = left(tmp_path)
    again = Mp3Writer(Filing(path=writer.path, rate=8000, channels=1, most_frames=0, resume=True))
    again.open()
    pcm = speech(8000, 3, 1)
    again.append(0, pcm.tobytes())
    again.close(23456)
    (found,) = recover(tmp_path)
    assert found.frames == 23456
    got, complaints = decode(writer.part, 1)
    assert (len(got), complaints) == (23456, "")


@pytest.mark.parametrize("content", [b"", b"\0" * 10000, b"ID3", b"ID3\4\0\0\0\0\1\0"])
def test_without_audio_it_is_deleted(tmp_path, content):
    path = recording_path(tmp_path, ID, 1.7e9, "mp3")
    path.parent.mkdir(parents=True)
    part = path.with_suffix(".mp3.part")
    part.write_bytes(content)
    (found,) = recover(tmp_path)
    assert (found.frames, found.size) == (0, 0)
    assert not part.exists()


def test_something_else_is_left_as_it_is_and_logged(tmp_path, caplog):
    path = recording_path(tmp_path, ID, 1.7e9, "mp3")
    path.parent.mkdir(parents=True)
    part = path.with_suffix(".mp3.part")
    part.write_bytes(b"#!/bin/sh\n" * 1000)
    assert recover(tmp_path) == []
    assert part.exists()
    assert "no MP3 file" in caplog.text
