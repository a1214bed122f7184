import json
import os
import random
import stat
import subprocess
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.riff import WavHead
from recorder.writers.wav import WavWriter

MOST = 4 * 3600 * 8000


def noise(frames, channels=1, seed=0):
    return random.Random(seed).randbytes(frames * channels * 2)


def opened(path, rate=8000, channels=1, most=MOST, **options):
    writer = WavWriter(path, rate, channels, most, **options)
    writer.open()
    return writer


def read(path):
    """The audio as the standard library reads it: rate, channels, frames as bytes."""
    with wave.open(str(path), "rb") as file:
        assert file.getsampwidth() == 2
        return file.getframerate(), file.getnchannels(), file.readframes(file.getnframes())


def probe(path):
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    return found["format"]["format_name"], found["streams"][0]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_what_was_written_is_read_back_to_the_byte(tmp_path, rate, channels):
    path, pcm = tmp_path / "a.wav", noise(12345, channels)
    writer = opened(path, rate, channels)
    for first in range(0, 12345, 1000):
        writer.append(first, pcm[first * 2 * channels : (first + 1000) * 2 * channels])
    assert writer.close(12345) == 44 + len(pcm)
    seal(path)
    assert read(path) == (rate, channels, pcm)
    assert path.read_bytes() == WavHead(rate, channels, roomy=False).pack(12345) + pcm
    name, stream = probe(path)
    assert name == "wav"
    assert (stream["codec_name"], stream["duration_ts"]) == ("pcm_s16le", 12345)


@pytest.mark.parametrize("most", [MOST, 2**33])
def test_a_copy_taken_at_any_time_plays(tmp_path, most, monkeypatch):
    """Between any two writes to the file, what stands there is a whole WAV file of a beginning of the audio."""
    path, pcm, seen = tmp_path / "a.wav", noise(4000, 2), []
    real = os.pwrite

    def look_and_write(fd, data, offset):
        # A write may also be seen done in part, as a copy may run beside it.
        half = len(data) // 2 if offset else len(data)
        look()
        real(fd, data[:half], offset)
        look()
        return half + (real(fd, data[half:], offset + half) if half < len(data) else 0)

    def look():
        if writer.part.stat().st_size:
            seen.append(read(writer.part))

    monkeypatch.setattr(os, "pwrite", look_and_write)
    writer = WavWriter(path, 8000, 2, most)
    writer.open()
    for first in range(0, 3000, 500):
        writer.append(first, pcm[first * 4 : (first + 500) * 4])
    writer.silence(3000, 1000)
    look()
    writer.close(4000)
    expected = pcm[: 3000 * 4] + bytes(1000 * 4)
    assert len(seen) > 20
    assert all(rate == 8000 and expected.startswith(audio) for rate, _, audio in seen)
    assert {len(audio) // 4 for _, _, audio in seen} == {0, 500, 1000, 1500, 2000, 2500, 3000, 4000}


def test_a_file_may_pass_4_gib(tmp_path):
    """The file is a hole but for its end, so it takes no room."""
    path = tmp_path / "a.wav"
    seconds, tone = 22370, noise(480, 2)
    frames = seconds * 48000 + 480
    writer = opened(path, 48000, 2, most=2**31)
    writer.silence(0, seconds * 48000)
    writer.append(seconds * 48000, tone)
    size = writer.close(frames)
    seal(path)
    assert size == path.stat().st_size == 80 + 4 * frames > 2**32
    assert path.stat().st_blocks * 512 < 2**20
    with path.open("rb") as file:
        assert file.read(4) == b"RF64"
    name, stream = probe(path)
    assert (name, stream["duration_ts"], stream["sample_rate"]) == ("wav", frames, "48000")
    end = ["ffmpeg", "-v", "error", "-ss", str(seconds), "-i", str(path), "-f", "s16le", "-"]
    assert subprocess.run(end, capture_output=True, check=True).stdout == tone


def test_a_file_without_room_stops_at_4_gib_and_stays_whole(tmp_path):
    writer = opened(tmp_path / "a.wav", 8000, 1)
    most = WavHead(8000, 1, roomy=False).most_frames
    writer.silence(0, most)
    with pytest.raises(WriteError, match="would pass 4 GiB") as caught:
        writer.append(most, noise(1))
    assert caught.value.reason == "write_error"
    assert writer.frames == most
    writer.discard()


STEPS = st.lists(st.tuples(st.booleans(), st.integers(1, 300)), min_size=1, max_size=10)


@given(steps=STEPS, data=st.data())
def test_a_repeat_leaves_the_same_bytes(tmp_path_factory, steps, data):
    """Replayed from any step, by the same process or by one that takes the file up, the file is the same."""
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    pcm = noise(sum(frames for _, frames in steps), 2)
    calls, at, expected = [], 0, b""
    for silent, frames in steps:
        audio = bytes(frames * 4) if silent else pcm[at * 4 : (at + frames) * 4]
        calls.append((silent, at, audio))
        expected += audio
        at += frames

    def play(writer, some):
        for silent, first, audio in some:
            if silent:
                writer.silence(first, len(audio) // 4)
            else:
                writer.append(first, audio)

    writer = opened(path, channels=2)
    until = data.draw(st.integers(0, len(calls)), "killed after")
    play(writer, calls[:until])
    again = data.draw(st.integers(0, until), "replayed from")
    if data.draw(st.booleans(), "by another process"):
        writer = opened(path, channels=2, resume=True)
    play(writer, calls[again:])
    writer.close(at)
    assert read(path.with_name("a.wav.part")) == (8000, 2, expected)


def test_an_end_before_the_last_frame_cuts(tmp_path):
    writer = opened(tmp_path / "a.wav")
    writer.append(0, noise(1000))
    assert writer.close(600) == 44 + 1200
    assert read(writer.part) == (8000, 1, noise(1000)[:1200])


def test_an_empty_recording_is_an_empty_wav_file(tmp_path):
    writer = opened(tmp_path / "a.wav")
    assert writer.close(0) == 44
    assert read(writer.part) == (8000, 1, b"")


def test_half_a_frame_is_refused(tmp_path):
    writer = opened(tmp_path / "a.wav", channels=2)
    with pytest.raises(ValueError, match="not whole frames"):
        writer.append(0, b"\0\0")
    writer.discard()


def test_a_torn_end_is_written_over_when_the_file_is_taken_up(tmp_path):
    path = tmp_path / "a.wav"
    pcm = noise(1000, 2)
    opened(path, channels=2).append(0, pcm[:2000])
    with path.with_name("a.wav.part").open("ab") as file:
        file.write(pcm[2000:2003])  # a write that the kill cut inside a frame
    writer = opened(path, channels=2, resume=True)
    assert writer.frames == 500
    writer.append(500, pcm[2000:])
    writer.close(1000)
    assert read(writer.part) == (8000, 2, pcm)


def test_data_that_came_to_the_file_without_its_head_counts(tmp_path):
    path = tmp_path / "a.wav"
    opened(path).append(0, noise(100))
    with path.with_name("a.wav.part").open("ab") as file:
        file.write(noise(50, seed=1))
    writer = opened(path, resume=True)
    assert writer.frames == 150
    assert read(writer.part) == (8000, 1, noise(100) + noise(50, seed=1))


def test_a_sealed_file_is_taken_up_where_it_stands(tmp_path):
    """The kill came after the last rename and before anybody knew: the replay finds the whole file."""
    path = tmp_path / "a.wav"
    writer = opened(path)
    writer.append(0, noise(100))
    writer.close(100)
    seal(path)
    before = path.read_bytes()
    writer = opened(path, resume=True)
    writer.append(50, noise(100)[100:])
    writer.close(100)
    seal(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(("rate", "channels", "why"), [(16000, 1, "not 1 at 16000 Hz"), (8000, 2, "not 2 at 8000 Hz")])
def test_a_file_of_another_shape_is_not_gone_on_with(tmp_path, rate, channels, why):
    opened(tmp_path / "a.wav")
    with pytest.raises(WriteError, match=why):
        opened(tmp_path / "a.wav", rate, channels, resume=True)


def test_a_file_that_is_no_wav_is_not_gone_on_with(tmp_path):
    (tmp_path / "a.wav.part").write_bytes(b"not audio" * 100)
    with pytest.raises(WriteError, match=r"cannot go on with .*a\.wav\.part: not the head of a WAV file"):
        opened(tmp_path / "a.wav", resume=True)


def test_a_part_that_is_there_already_is_refused(tmp_path):
    opened(tmp_path / "a.wav").append(0, noise(10))
    before = (tmp_path / "a.wav.part").read_bytes()
    with pytest.raises(WriteError, match="it exists: another recording writes it"):
        opened(tmp_path / "a.wav")
    assert (tmp_path / "a.wav.part").read_bytes() == before


@pytest.mark.parametrize("resume", [False, True])
def test_a_link_or_a_pipe_in_the_part_s_place_is_refused(tmp_path, resume):
    (tmp_path / "elsewhere").touch()
    (tmp_path / "a.wav.part").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "b.wav.part")
    for name in ("a.wav", "b.wav"):
        with pytest.raises(WriteError, match="cannot open"):
            opened(tmp_path / name, resume=resume)
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_modes_are_the_contract_s_whatever_the_umask(tmp_path):
    path = tmp_path / "2026" / "01" / "02" / "a.wav"
    for umask in (0, 0o077):
        before = os.umask(umask)
        try:
            writer = opened(path, root=tmp_path)
        finally:
            os.umask(before)
        modes = [stat.S_IMODE(file.stat().st_mode) for file in (writer.part, *path.parents[:3])]
        assert modes == [0o640, 0o750, 0o750, 0o750]
        writer.discard()
        for directory in path.parents[:3]:
            directory.rmdir()


def test_without_a_root_no_directory_is_made(tmp_path):
    with pytest.raises(WriteError, match=r"cannot open .*No such file or directory"):
        opened(tmp_path / "missing" / "a.wav")
    assert list(tmp_path.iterdir()) == []
