"""MP3 files that are gone on with after a kill: their length, and what the seam costs.

A packet is damaged when it is louder than -50 dBFS and off from an uninterrupted encode by more than -10 dB of its own
level. `RECORDER_SEAMS` kills are tried in each shape (default 4); `-s` prints what they cost.
"""

import os
import random

import pytest

from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.mp3 import RUN_UP_S, Mp3Writer
from recorder.writers.mp3head import frames_in
from recorder.writers.mp3packets import Shape
from recorder.writers.writer import Codecs, Filing, Tags
from tests.damage import damaged
from tests.fixtures.ffmpeg import decode
from tests.speech import speech

SEAMS = int(os.environ.get("RECORDER_SEAMS", "4"))
SECONDS = 8
AROUND = 16  # packets on both sides of a seam that are looked at
SHAPES = [(rate, channels) for rate in (8000, 16000, 44100, 48000) for channels in (1, 2)]


def writer_of(path, rate, channels, *, resume=False, **more):
    made = Mp3Writer(
        Filing(path=path, rate=rate, channels=channels, most_frames=0, tags=Tags("a", "b", 1.0), resume=resume, **more)
    )
    made.open()
    return made


def give(writer, pcm, first, end):
    step = writer.rate // 5
    for at in range(first, end, step):
        writer.append(at, pcm[at : min(at + step, end)].tobytes())


def finish(writer, frames):
    writer.close(frames)
    seal(writer.path)


def uninterrupted(folder, pcm, rate, **more):
    writer = writer_of(folder / "whole.mp3", rate, pcm.shape[1], **more)
    give(writer, pcm, 0, len(pcm))
    finish(writer, len(pcm))
    return decode(writer.path, pcm.shape[1])[0]


def kill(folder, pcm, rate, at, *, checkpoint, torn, **more):
    """Record up to `at`, die in the middle of a write, and go on from what a checkpoint before it knows."""
    channels = pcm.shape[1]
    writer = writer_of(folder / "cut.mp3", rate, channels, **more)
    give(writer, pcm, 0, at)
    writer._file.close()
    os.truncate(writer.part, writer.part.stat().st_size - torn)
    again = writer_of(folder / "cut.mp3", rate, channels, resume=True)
    give(again, pcm, max(0, checkpoint - round(RUN_UP_S * rate)), len(pcm))
    finish(again, len(pcm))
    return decode(again.path, channels)


@pytest.mark.parametrize(("rate", "channels"), SHAPES)
def test_a_seam_damages_two_packets_at_most_and_no_frame_is_missing(tmp_path, rate, channels):
    pcm, shape, chosen = speech(rate, SECONDS, channels), Shape(rate, channels), random.Random(rate + channels)
    whole = uninterrupted(tmp_path, pcm, rate)
    found = []
    for number in range(SEAMS):
        at = chosen.randrange(rate, (SECONDS - 1) * rate)
        torn = chosen.randrange(shape.length(32)) if number % 2 else 0
        checkpoint = at - chosen.randrange(rate // 2)
        got, complaints = kill(tmp_path, pcm, rate, at, checkpoint=checkpoint, torn=torn)
        assert (len(got), complaints) == (len(pcm), "")
        first = max(0, at // shape.packet_frames - AROUND)
        behind = frames_in(first, shape)
        around = slice(behind, behind + 2 * AROUND * shape.packet_frames)
        found.append(len(damaged(whole[around], got[around], shape.packet_frames)))
    print(f"\nmp3 {rate} Hz, {channels} ch: {SEAMS} seams, {sum(found)} packets damaged, {max(found)} at most at one")
    assert max(found) <= 2


@pytest.mark.parametrize("at", [1, 100, 576, 700, 1300, 2000, 5000, 9000])
def test_killed_in_its_first_packets_it_goes_on(tmp_path, at):
    pcm = speech(8000, 3, 1)
    got, complaints = kill(tmp_path, pcm, 8000, at, checkpoint=0, torn=0)
    assert (len(got), complaints) == (len(pcm), "")


@pytest.mark.parametrize("left", [0, 1, 10, 40, 200, 270])
def test_killed_before_its_head_was_whole_it_begins_anew(tmp_path, left):
    pcm = speech(8000, 2, 1)
    writer = writer_of(tmp_path / "a.mp3", 8000, 1)
    size = writer.part.stat().st_size
    writer._file.close()
    os.truncate(writer.part, min(left, size - 1))
    again = writer_of(tmp_path / "a.mp3", 8000, 1, resume=True)
    give(again, pcm, 0, len(pcm))
    finish(again, len(pcm))
    assert len(decode(again.path, 1)[0]) == len(pcm)


def test_run_up_that_the_ring_has_lost_is_silence_and_the_length_holds(tmp_path):
    pcm = speech(8000, 6, 1)
    writer = writer_of(tmp_path / "a.mp3", 8000, 1)
    give(writer, pcm, 0, 30000)
    writer._file.close()
    again = writer_of(tmp_path / "a.mp3", 8000, 1, resume=True)
    assert 30000 - again.frames < 4000
    give(again, pcm, again.frames, len(pcm))
    finish(again, len(pcm))
    got, complaints = decode(again.path, 1)
    assert (len(got), complaints) == (len(pcm), "")


def test_killed_many_times_it_is_as_long_as_if_it_had_not_been(tmp_path):
    pcm, at = speech(8000, 20, 2), 0
    path, chosen = tmp_path / "a.mp3", random.Random(4)
    while at < len(pcm):
        writer = writer_of(path, 8000, 2, resume=True)
        end = min(len(pcm), at + chosen.randrange(12000))
        give(writer, pcm, max(0, at - round(RUN_UP_S * 8000)), end)
        at = end
        if at < len(pcm):
            writer._file.close()
    finish(writer, len(pcm))
    got, complaints = decode(path, 2)
    assert (len(got), complaints) == (len(pcm), "")


@pytest.mark.parametrize("sealed", [False, True])
def test_killed_behind_its_end_it_stays_as_it_is(tmp_path, sealed):
    pcm = speech(8000, 4, 1)
    writer = writer_of(tmp_path / "a.mp3", 8000, 1)
    give(writer, pcm, 0, len(pcm))
    writer.close(len(pcm))
    if sealed:
        seal(writer.path)
    whole = (writer.path if sealed else writer.part).read_bytes()
    again = writer_of(tmp_path / "a.mp3", 8000, 1, resume=True)
    assert again.frames == len(pcm)
    give(again, pcm, 8000, len(pcm))
    finish(again, len(pcm))
    assert again.path.read_bytes() == whole


def test_bit_rate_stays_that_of_the_file(tmp_path):
    pcm = speech(8000, 4, 1)
    writer = writer_of(tmp_path / "a.mp3", 8000, 1, codecs=Codecs(mp3_bit_rate=24))
    give(writer, pcm, 0, 16000)
    writer._file.close()
    again = writer_of(tmp_path / "a.mp3", 8000, 1, resume=True, codecs=Codecs(mp3_bit_rate=64))
    give(again, pcm, 0, len(pcm))
    finish(again, len(pcm))
    assert again.path.stat().st_size < len(pcm) / 8000 * 24000 / 8 * 1.2


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (8000, 2), (16000, 1), (48000, 2)])
@pytest.mark.parametrize("bit_rate", [8, 128])
def test_every_bit_rate_that_may_be_configured_has_room_for_a_seam(tmp_path, rate, channels, bit_rate):
    pcm = speech(rate, 3, channels)
    codecs = Codecs(mp3_bit_rate=bit_rate)
    whole = uninterrupted(tmp_path, pcm, rate, codecs=codecs)
    got, complaints = kill(tmp_path, pcm, rate, rate * 3 // 2, checkpoint=rate, torn=0, codecs=codecs)
    assert (len(got), complaints) == (len(whole), "")
    if bit_rate == 128:
        assert damaged(whole, got, Shape(rate, channels).packet_frames) == []


def test_another_kind_of_file_is_left_as_it_is(tmp_path):
    part = tmp_path / "a.mp3.part"
    part.write_bytes(b"RIFF" * 2000)
    with pytest.raises(WriteError, match="no MP3 file"):
        writer_of(tmp_path / "a.mp3", 8000, 1, resume=True)
    assert part.read_bytes() == b"RIFF" * 2000


def test_a_file_of_another_shape_is_left_as_it_is(tmp_path):
    writer = writer_of(tmp_path / "a.mp3", 8000, 1)
    give(writer, speech(8000, 1, 1), 0, 8000)
    writer._file.close()
    before = writer.part.read_bytes()
    with pytest.raises(WriteError, match="it has 1 channels at 8000 Hz, not 2 at 8000 Hz"):
        writer_of(tmp_path / "a.mp3", 8000, 2, resume=True)
    assert writer.part.read_bytes() == before
