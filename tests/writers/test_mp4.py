"""Format mp4: what is written is what players find, at any moment."""

import subprocess
import sys
from itertools import pairwise

import mutagen.mp4
import pytest

from recorder.writers import formats
from recorder.writers.aac import PACKET_FRAMES, audio_specific_config
from recorder.writers.errors import WriteError
from recorder.writers.snapshot import Snapshot
from recorder.writers.writer import Codecs, Filing, Tags
from tests.damage import level_dbfs
from tests.fixtures.ffmpeg import ffmpeg, ffprobe
from tests.speech import speech

KINDS = [(rate, channels) for rate in (8000, 16000, 44100, 48000) for channels in (1, 2)]
TAGS = Tags("0190a1b2-0000-7000-8000-000000000001", "call-ö-1", 1_764_180_000.25)


def filing(path, rate=8000, channels=1, **given):
    return Filing(path=path, rate=rate, channels=channels, most_frames=10**9, tags=TAGS, **given)


def write(path, frames, rate, *, step=None, **given):
    """A file of these frames, closed, and grown by so many at a time."""
    writer = formats.writer("mp4", filing(path, rate, frames.shape[1], **given))
    writer.open()
    step = step or rate // 5
    for start in range(0, len(frames), step):
        writer.append(start, frames[start : start + step].tobytes())
    writer.close(len(frames))
    return writer.part


@pytest.mark.parametrize(("rate", "channels"), KINDS)
def test_players_find_the_audio_and_its_length_in_a_file_that_grows_and_in_one_that_is_closed(tmp_path, rate, channels):
    frames = speech(rate, 3, channels)[: 3 * rate - 77]
    writer = formats.writer("mp4", filing(tmp_path / "a.mp4", rate, channels))
    writer.open()
    writer.append(0, frames.tobytes())
    assert rate < writer.frames <= len(frames)
    for length in (writer.frames, len(frames)):
        if length == len(frames):
            writer.close(length)
        heard = ffmpeg(writer.part, channels)
        assert length <= len(heard) < length + PACKET_FRAMES
        assert level_dbfs(heard[:length] - frames[:length]) < level_dbfs(frames[:length]) - 15
        assert mutagen.mp4.MP4(writer.part).info.length == pytest.approx(length / rate, abs=1e-6)
        said = ffprobe(writer.part)
        assert 0 <= float(said["format"]["duration"]) * rate - length < 2 * PACKET_FRAMES
        assert (said["streams"][0]["codec_name"], said["streams"][0]["profile"]) == ("aac", "LC")


def test_a_file_tells_whose_it_is(tmp_path):
    part = write(tmp_path / "a.mp4", speech(8000, 1), 8000)
    tags = mutagen.mp4.MP4(part).tags
    assert tags["\xa9day"] == ["2025-11-26T18:00:00.250Z"]
    assert tags["----:com.apple.iTunes:recording_id"][0].decode() == TAGS.recording_id
    assert tags["----:com.apple.iTunes:call_id"][0].decode() == TAGS.call_id
    said = ffprobe(part)["format"]["tags"]
    assert (said["recording_id"], said["call_id"], said["date"]) == (
        TAGS.recording_id,
        TAGS.call_id,
        "2025-11-26T18:00:00.250Z",
    )


def test_the_longest_tags_fit(tmp_path):
    tags = Tags(TAGS.recording_id, "\U0001f399" * 128, 0.0)
    writer = formats.writer("mp4", Filing(path=tmp_path / "a.mp4", rate=8000, channels=2, most_frames=1, tags=tags))
    writer.open()
    writer.append(0, bytes(4 * 8000))
    writer.close(8000)
    assert mutagen.mp4.MP4(writer.part).tags["----:com.apple.iTunes:call_id"][0].decode() == tags.call_id


def test_the_same_audio_cut_otherwise_is_the_same_file(tmp_path):
    frames = speech(8000, 14, 2)
    frames[20_000:30_000] = 0
    frames[40_000:95_000] = 0  # over more than one new codec
    files = {write(tmp_path / f"{step}.mp4", frames, 8000, step=step).read_bytes() for step in (160, 1601, 10**6)}
    assert len(files) == 1


def test_silence_is_the_same_whether_it_was_heard_or_asked_for(tmp_path):
    frames = speech(8000, 14)
    frames[30_100:95_300] = 0
    heard = write(tmp_path / "heard.mp4", frames, 8000)
    writer = formats.writer("mp4", filing(tmp_path / "asked.mp4"))
    writer.open()
    writer.append(0, frames[:30_100].tobytes())
    writer.silence(30_100, 100)
    writer.silence(30_200, 65_100)
    writer.append(95_300, frames[95_300:].tobytes())
    writer.close(len(frames))
    assert writer.part.read_bytes() == heard.read_bytes()
    assert not ffmpeg(heard, 1)[32_500:95_000].any()


def test_ten_minutes_of_silence_take_next_to_no_room_and_can_be_ended_and_gone_on_behind(tmp_path):
    writer = formats.writer("mp4", filing(tmp_path / "a.mp4"))
    writer.open()
    writer.silence(0, 600 * 8000)
    after = speech(8000, 2)
    writer.append(600 * 8000, after.tobytes())
    size = writer.close(602 * 8000)
    assert size < 300 * 602
    assert len(ffmpeg(writer.part, 1)) // 8000 == 602
    tail = ffmpeg(writer.part, 1)[600 * 8000 : 602 * 8000]
    assert level_dbfs(tail - after) < level_dbfs(after) - 15


def test_what_was_not_appended_in_between_is_silent(tmp_path):
    frames = speech(8000, 3)
    writer = formats.writer("mp4", filing(tmp_path / "a.mp4"))
    writer.open()
    writer.append(0, frames[:8000].tobytes())
    writer.append(16_000, frames[16_000:].tobytes())
    writer.append(16_000, frames[16_000:].tobytes())  # again is as once
    writer.close(25_000)
    heard = ffmpeg(writer.part, 1)
    assert 25_000 <= len(heard) < 25_000 + PACKET_FRAMES
    assert level_dbfs(heard[9100:14_900]) < -80
    assert level_dbfs(heard[17_024:24_000] - frames[17_024:]) < level_dbfs(frames[17_024:]) - 15


@pytest.mark.parametrize("frames", [1, 1023, 1024, 1025, 4096, 5120, 5121])
def test_short_files_have_their_length(tmp_path, frames):
    part = write(tmp_path / "a.mp4", speech(8000, 1)[:frames], 8000)
    assert frames <= len(ffmpeg(part, 1)) < frames + PACKET_FRAMES
    assert mutagen.mp4.MP4(part).info.length == pytest.approx(frames / 8000)
    assert formats.mend(tmp_path / "a.mp4").frames == frames


def test_a_file_is_closed_at_less_than_it_holds(tmp_path):
    frames = speech(8000, 4)
    for length in (1, 5000, 12_288, 20_000, 31_999):
        writer = formats.writer("mp4", filing(tmp_path / f"{length}.mp4"))
        writer.open()
        writer.append(0, frames.tobytes())
        size = writer.close(length)
        assert size == writer.part.stat().st_size
        assert length <= len(ffmpeg(writer.part, 1)) < length + PACKET_FRAMES


def test_the_channels_are_kept_apart(tmp_path):
    frames = speech(8000, 3, 2)
    frames[:, 1] = 0
    heard = ffmpeg(write(tmp_path / "a.mp4", frames, 8000), 2)
    assert not heard[:, 1].any()
    assert level_dbfs(heard[: len(frames), 0] - frames[:, 0]) < level_dbfs(frames[:, 0]) - 15


@pytest.mark.parametrize(("rate", "channels"), KINDS)
def test_it_says_of_its_audio_what_the_codec_says(rate, channels):
    import av

    codec = av.CodecContext.create("aac", "w")
    codec.sample_rate, codec.layout, codec.format = rate, "stereo" if channels == 2 else "mono", "fltp"
    codec.open()
    assert audio_specific_config(rate, channels) == bytes(codec.extradata)


def test_the_bit_rate_can_be_chosen(tmp_path, capfd):
    frames = speech(16000, 6)
    sizes = [
        write(tmp_path / f"{kbits}.mp4", frames, 16000, codecs=Codecs(mp4_bit_rate=kbits)).stat().st_size
        for kbits in (20, 40, 80, 320)
    ]
    assert all(a < b for a, b in pairwise(sizes))
    assert capfd.readouterr().err == ""


def test_while_it_grows_the_file_is_served_to_its_last_whole_fragment(tmp_path):
    path = tmp_path / "a.mp4"
    frames = speech(8000, 4)
    writer = formats.writer("mp4", filing(path))
    writer.open()
    assert Snapshot.of(path).size == 0
    writer.append(0, frames[:20_000].tobytes())
    told = writer.frames
    snapshot = Snapshot.of(path)
    writer.append(20_000, frames[20_000:].tobytes())
    writer.close(32_000)
    copy = tmp_path / "copy.mp4"
    with copy.open("wb") as served:
        while some := snapshot.read(served.tell(), 5000):
            served.write(some)
    snapshot.close()
    assert len(ffmpeg(copy, 1)) == told
    assert mutagen.mp4.MP4(copy).info.length == told / 8000
    assert formats.look(copy).frames == told


def test_a_file_of_another_kind_is_not_gone_on_with(tmp_path):
    path = tmp_path / "a.mp4"
    write(path, speech(8000, 1), 8000)
    before = (tmp_path / "a.mp4.part").read_bytes()
    for rate, channels in ((16000, 1), (8000, 2)):
        with pytest.raises(WriteError, match="it has 1 channels at 8000 Hz"):
            formats.writer("mp4", filing(path, rate, channels, resume=True)).open()
    assert (tmp_path / "a.mp4.part").read_bytes() == before
    (tmp_path / "a.mp4.part").write_bytes(b"something else altogether, and longer than a head" * 99)
    with pytest.raises(WriteError, match="not the head of an MP4 file"):
        formats.writer("mp4", filing(path, resume=True)).open()


def test_who_records_no_mp4_does_not_load_its_codec():
    loaded = "import sys, recorder.service.serve, recorder.writers.formats; print('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True).stdout == b"False\n"


def test_without_pyav_mp4_is_refused_with_what_to_install():
    asked = (
        "import sys; sys.modules['av'] = None\n"
        "from recorder.contract.faults import Refused\n"
        "from recorder.contract.limits import Limits\n"
        "from recorder.contract.parameters import parse_parameters\n"
        "limits = Limits(listen=True, playback=True)\n"
        "try: parse_parameters('record_call', {'format': 'mp4'}, limits=limits)\n"
        "except Refused as refused: print(refused.status, refused.faults[0].detail)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)
    assert done.stdout.startswith("422 ")
    assert done.stdout.endswith("for mp4 it needs PyAV: pip install 'recorder[mp4]'\n")


def test_frames_must_be_whole(tmp_path):
    writer = formats.writer("mp4", filing(tmp_path / "a.mp4", channels=2))
    writer.open()
    with pytest.raises(ValueError, match="not whole frames"):
        writer.append(0, bytes(6))
    writer.discard()
    assert not list(tmp_path.iterdir())
