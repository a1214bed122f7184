"""MP3 files: their length, what is in them, what they say of themselves, at any moment of their growth."""

import errno
import os

import mutagen
import numpy as np
import pytest

from recorder.writers import formats
from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.mp3 import Mp3Writer
from recorder.writers.mp3encoder import Encoder, lame
from recorder.writers.mp3packets import Shape
from recorder.writers.part import PartFile
from recorder.writers.snapshot import Snapshot
from recorder.writers.writer import Codecs, Filing, Tags
from tests.damage import level_dbfs
from tests.fixtures.ffmpeg import decode
from tests.speech import speech

RATES = (8000, 16000, 44100, 48000)
TAGS = Tags("0190a5d4-0000-7000-8000-000000000001", "sip:größe@example.com", 1_700_000_000.25)
every_shape = pytest.mark.parametrize(("rate", "channels"), [(rate, channels) for rate in RATES for channels in (1, 2)])


def opened(path, rate=8000, channels=1, **more):
    writer = Mp3Writer(Filing(path=path, rate=rate, channels=channels, most_frames=0, tags=TAGS, **more))
    writer.open()
    return writer


def append(writer, pcm, first=0, frames=None, step=1600):
    end = len(pcm) if frames is None else first + frames
    for at in range(first, end, step):
        writer.append(at, pcm[at : min(at + step, end)].tobytes())


def whole(path, pcm, rate=8000, **more):
    writer = opened(path, rate, pcm.shape[1], **more)
    append(writer, pcm, step=rate // 5)
    size = writer.close(len(pcm))
    seal(path)
    assert path.stat().st_size == size
    return path


@every_shape
def test_decoded_it_has_the_frames_that_went_in_at_their_place_and_level(tmp_path, rate, channels):
    pcm = speech(rate, 4, channels)[: 4 * rate - 123]
    path = whole(tmp_path / "a.mp3", pcm, rate)
    got, complaints = decode(path, channels)
    assert complaints == ""
    assert len(got) == len(pcm)
    assert mutagen.File(path).info.length == pytest.approx(len(pcm) / rate, abs=0.5 / rate)
    assert formats.look(path).frames == len(pcm)
    for channel in range(channels):
        there, here = pcm[:, channel].astype(float), got[:, channel].astype(float)
        shifts = range(-3, 4)
        fits = [np.dot(there[rate:-rate], np.roll(here, shift)[rate:-rate]) for shift in shifts]
        assert shifts[int(np.argmax(fits))] == 0
        assert level_dbfs(here) == pytest.approx(level_dbfs(there), abs=1)


@pytest.mark.parametrize(
    "frames", [1, 2, 30, 47, 48, 100, 575, 576, 577, 1104, 1105, 1151, 1152, 4000, 8063, 8064, 8065]
)
def test_length_is_exact_however_it_falls_on_packets(tmp_path, frames):
    got, complaints = decode(whole(tmp_path / "a.mp3", speech(8000, 2, 1)[:frames]), 1)
    assert (len(got), complaints) == (frames, "")


@every_shape
@pytest.mark.parametrize("frames", [1, 46, 49, 1105])
def test_a_click_has_its_length_in_every_shape(tmp_path, frames, rate, channels):
    got, _ = decode(whole(tmp_path / "a.mp3", speech(rate, 1, channels)[:frames], rate), channels)
    assert len(got) == frames


def test_constant_bit_rate_goes_by_rate_and_channels_unless_it_is_configured(tmp_path):
    bit_rates = {}
    for rate in RATES:
        for channels in (1, 2):
            path = whole(tmp_path / f"{rate}-{channels}.mp3", speech(rate, 1, channels), rate)
            bit_rates[rate, channels] = round(mutagen.File(path).info.bitrate / 1000)
    assert [bit_rates[rate, 1] for rate in RATES] == [16, 32, 64, 64]
    assert [bit_rates[rate, 2] for rate in RATES] == [32, 64, 128, 128]
    path = whole(tmp_path / "b.mp3", speech(8000, 1, 1), codecs=Codecs(mp3_bit_rate=56, mp3_quality=7))
    assert mutagen.File(path).info.bitrate == 56000
    assert decode(path, 1)[1] == ""


def test_lowest_bit_rate_has_its_length_and_tags_too(tmp_path):
    pcm = speech(8000, 2, 2)
    got, complaints = decode(whole(tmp_path / "a.mp3", pcm, codecs=Codecs(mp3_bit_rate=8)), 2)
    assert (len(got), complaints) == (len(pcm), "")


def test_tags_name_recording_call_and_start(tmp_path):
    tags = mutagen.File(whole(tmp_path / "a.mp3", speech(8000, 1, 1))).tags
    assert tags["TXXX:recording_id"].text == [TAGS.recording_id]
    assert tags["TXXX:call_id"].text == [TAGS.call_id]
    assert tags["TXXX:start_time"].text == ["2023-11-14T22:13:20.250Z"]
    assert str(tags["TDRC"]) == "2023-11-14 22:13:20"


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (8000, 2), (48000, 2)])
def test_it_plays_at_any_moment_of_its_growth_with_the_length_that_it_tells(tmp_path, rate, channels):
    pcm, path = speech(rate, 3, channels), tmp_path / "a.mp3"
    writer = opened(path, rate, channels)
    assert Snapshot.of(path).size == 0
    last = 0
    for at in range(0, len(pcm), rate // 5):
        append(writer, pcm, at, rate // 5, rate // 5)
        snapshot = Snapshot.of(path)
        copy, data = tmp_path / "copy.mp3", b""
        while piece := snapshot.read(len(data), 1000):
            data += piece
        copy.write_bytes(data)
        snapshot.close()
        if at < rate or at // (rate // 5) % 3:
            continue
        for file in (copy, writer.part):
            got, complaints = decode(file, channels)
            assert (len(got), complaints) == (writer.frames, "")
        assert at + rate // 5 - rate * 0.45 < writer.frames < at + rate // 5
        assert writer.frames > last
        last = writer.frames
    writer.discard()


@every_shape
def test_silence_takes_its_time_and_what_is_around_it_keeps_its_place(tmp_path, rate, channels):
    pcm = speech(rate, 2, channels)
    silent = 30 * rate + 77
    writer = opened(tmp_path / "a.mp3", rate, channels)
    append(writer, pcm, step=rate // 5)
    writer.silence(len(pcm), silent)
    writer.append(len(pcm) + silent, pcm.tobytes())
    total = 2 * len(pcm) + silent
    writer.close(total)
    seal(writer.path)
    got, complaints = decode(writer.path, channels)
    assert (len(got), complaints) == (total, "")
    assert level_dbfs(got[len(pcm) + rate // 4 : len(pcm) + silent - rate // 4]) < -90
    for start in (0, len(pcm) + silent):
        heard = got[start : start + len(pcm)]
        error = level_dbfs(heard.astype(int) - pcm)
        assert error < level_dbfs(pcm) - 5
        assert level_dbfs(heard) == pytest.approx(level_dbfs(pcm), abs=1)


def test_silence_is_not_encoded_again_and_again(monkeypatch):
    heard = []

    def counting(*arguments):
        class Counting:
            made = lame(*arguments)

            def encode(self, pcm):
                heard.append(len(pcm))
                return self.made.encode(pcm)

        return Counting()

    monkeypatch.setattr("recorder.writers.mp3encoder.lame", counting)
    encoder = Encoder(Shape(8000, 1), 16, 5)
    given = sum(len(encoder.hear(bytes(3200))) for _ in range(5 * 3600))  # an hour of a line without a signal
    assert given == pytest.approx(3600 * 8000 / 576, abs=4)
    assert sum(heard) < 2 * 8000 * 2


def test_audio_is_put_after_the_hour_in_which_a_line_was_silent_piece_by_piece(tmp_path):
    pcm = speech(8000, 2, 1)
    writer = opened(tmp_path / "a.mp3")
    for at in range(0, 80000, 160):
        writer.append(at, bytes(320))
    writer.append(80000, pcm.tobytes())
    writer.close(96000)
    seal(writer.path)
    got, complaints = decode(writer.path, 1)
    assert (len(got), complaints) == (96000, "")
    assert level_dbfs(got[80000:].astype(int) - pcm) < level_dbfs(pcm) - 5


def test_pieces_of_any_size_make_the_same_file(tmp_path):
    pcm = speech(8000, 3, 2)
    files = set()
    for step in (160, 1600, 8000, 24000):
        writer = opened(tmp_path / f"{step}.mp3", channels=2)
        append(writer, pcm, step=step)
        writer.close(len(pcm))
        files.add(writer.part.read_bytes())
    assert len(files) == 1


def test_a_repeat_changes_nothing(tmp_path):
    pcm = speech(8000, 2, 1)
    once, twice = opened(tmp_path / "a.mp3"), opened(tmp_path / "b.mp3")
    append(once, pcm)
    append(twice, pcm, frames=8000)
    append(twice, pcm, 4000)
    twice.silence(0, 16000)
    for writer in (once, twice):
        writer.close(16000)
    assert once.part.read_bytes() == twice.part.read_bytes()


@pytest.mark.parametrize("frames", [0, 1000, 8000, 15999])
def test_closed_earlier_it_is_as_long_as_it_was_told(tmp_path, frames):
    writer = opened(tmp_path / "a.mp3")
    append(writer, speech(8000, 2, 1))
    assert writer.close(frames) == writer.part.stat().st_size
    assert formats.mend(writer.path).frames == frames
    if frames:
        assert len(decode(writer.part, 1)[0]) == frames


def test_closed_later_it_ends_with_silence(tmp_path):
    pcm = speech(8000, 1, 1)
    writer = opened(tmp_path / "a.mp3")
    append(writer, pcm)
    writer.close(20000)
    got, complaints = decode(writer.part, 1)
    assert (len(got), complaints) == (20000, "")
    assert level_dbfs(got[9000:]) < -90


def test_half_a_frame_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not whole frames"):
        opened(tmp_path / "a.mp3", channels=2).append(0, bytes(6))


def test_discarded_it_is_gone(tmp_path):
    writer = opened(tmp_path / "a.mp3")
    append(writer, speech(8000, 1, 1))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_leaves_whole_packets_and_what_they_tell(tmp_path, monkeypatch):
    pcm, real, room = speech(8000, 4, 1), os.pwrite, [3000]

    def full(fd, data, offset):
        if offset + len(data) > room[0]:
            data = data[: max(0, room[0] - offset)]
            if not data:
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data, offset)

    monkeypatch.setattr("recorder.writers.part.os.pwrite", full)
    writer = opened(tmp_path / "a.mp3")
    with pytest.raises(WriteError) as failed:
        append(writer, pcm)
    assert failed.value.reason == "disk_full"
    kept = writer.frames
    assert kept > 8000
    assert writer.close(kept) == writer.part.stat().st_size
    got, complaints = decode(writer.part, 1)
    assert (len(got), complaints) == (kept, "")


def test_a_disk_that_is_full_for_the_last_packets_leaves_what_was_told(tmp_path, monkeypatch):
    writer = opened(tmp_path / "a.mp3")
    append(writer, speech(8000, 2, 1))
    told = writer.frames

    def full(_self, offset, _data):
        if offset:
            raise WriteError("disk_full", "no room")

    with monkeypatch.context() as patched:
        patched.setattr(PartFile, "write", full)
        with pytest.raises(WriteError):
            writer.close(16000)
    assert writer.frames == told
    assert formats.mend(writer.path).frames == told
    assert decode(writer.part, 1)[1] == ""
