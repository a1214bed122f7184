"""The track's file: as docs/track.md describes it, at any moment and after any cut."""

import array
import ast
import io
import os
import random
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from recorder.writers import tracker
from recorder.writers.recovery import recover
from recorder.writers.source import Mixing
from recorder.writers.track import GAP, HEAD_BYTES, Mark, TrackHead, seconds_of, track_path, voice_slots
from recorder.writers.tracker import Stretch, Tracker, TrackSecond, mend
from tests.writers.studio import PCM, Tape

ID = "01900000-0000-7000-8000-000000000000"
DOCUMENT = Path(__file__).parents[2] / "docs/track.md"
READER = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)[1]
VOICE = random.Random(1).randbytes(100_000)


class Stereo(Tape):
    channels, head = 2, len(PCM) // 4

    def read(self, first, frames):
        return super().read(2 * first, 2 * frames)


def track(tmp_path, frames, *, source=None, mixing=None, begin=0):
    """A track of that many frames, written and closed; the path."""
    source, mixing = source or Tape(), mixing or Mixing(1, "speak", stereo=False)
    head = TrackHead.of(ID, source.rate, mixing)
    writing = Tracker(tmp_path / f"{ID}.wav", head, source, mixing)
    for second in range(begin, -(-frames // source.rate)):
        writing.write(told(second, min(source.rate, frames - second * source.rate), head))
    writing.close(frames)
    return tmp_path / f"{ID}.track"


def told(second, frames, head):
    first, slots = second * head.rate, voice_slots(frames, head.rate) * head.channels
    marks = (Mark("D5sh", first + 7, 0), Mark(GAP, first + 10, frames - 20)) if frames > 20 else ()
    return TrackSecond(second, (Stretch(first, frames),), VOICE[first // 80 : first // 80 + slots], marks)


def as_documented(path):
    """What the reader of docs/track.md prints, a tuple a second."""
    printed = io.StringIO()
    with redirect_stdout(printed), patch.object(sys, "argv", ["", str(path)]):
        exec(READER, {})  # because it is the document's own example
    line = re.compile(r"(\d+) (\d+) (\(.*?\)) (\[.*?\]) (\[.*\])")
    return [
        tuple(ast.literal_eval(part) for part in line.fullmatch(each).groups())
        for each in printed.getvalue().splitlines()
    ]


def extremes(pcm, channels, window):
    samples = array.array("h", pcm)
    parts = [samples[c::channels] for c in range(channels)]
    return tuple(
        value
        for part in parts
        for at in range(0, len(part), window)
        for value in (min(part[at : at + window]), max(part[at : at + window]))
    )


@pytest.mark.parametrize(
    ("source", "mixing"), [(Tape(), Mixing(1, "speak", stereo=False)), (Stereo(), Mixing(2, "both", stereo=True))]
)
def test_the_documented_reader_reads_what_was_recorded(tmp_path, source, mixing):
    frames = 2 * 8000 + 1234
    read = as_documented(track(tmp_path, frames, source=source, mixing=mixing))
    assert [each[:2] for each in read] == [(0, 8000), (1, 8000), (2, 1234)]
    for second, count, peaks, voice, marks in read:
        pcm = source.read(second * 8000, count)
        assert peaks == extremes(pcm, mixing.channels, 800)
        assert bytes(voice) == VOICE[second * 100 :][: len(voice)]
        assert len(voice) == mixing.channels * round(count / 80)
        assert marks == [("D5sh", second * 8000 + 7, 0), ("gap ", second * 8000 + 10, count - 20)]


def test_the_example_is_as_short_as_it_is_said_to_be():
    assert len(READER.splitlines()) <= 18


def test_mono_both_has_the_peaks_of_the_sum(tmp_path):
    mixing = Mixing(2, "both", stereo=False)
    [(_, _, peaks, _, _)] = as_documented(track(tmp_path, 800, source=Stereo(), mixing=mixing))
    assert peaks == extremes(mixing.of(Stereo().read(0, 800)), 1, 800)


def test_cut_anywhere_it_is_whole_seconds(tmp_path):
    path = track(tmp_path, 3 * 8000 + 100)
    whole = path.read_bytes()
    head = TrackHead.parse(whole)
    ends = [end for _, end, _ in seconds_of(whole, head)]
    for length in range(HEAD_BYTES, len(whole) + 1):
        assert len(list(seconds_of(whole[:length], head))) == sum(end <= length for end in ends)


@pytest.mark.parametrize("torn", [b"", bytes(300), b"\xff" * 300])
@pytest.mark.parametrize("frames", [1, 79, 8000, 8001, 20_001, 24_100, 99_999])
def test_recovery_leaves_the_audios_length(tmp_path, frames, torn):
    path = track(tmp_path, 24_100)
    with path.open("ab") as file:
        file.write(torn)
    mend(path, frames)
    once = path.read_bytes()
    mend(path, frames)
    assert path.read_bytes() == once
    read = as_documented(path)
    assert sum(count for _, count, *_ in read) == min(frames, 24_100)
    for second, count, peaks, voice, marks in read:
        assert len(peaks) == 2 * -(-count // 800)
        assert len(voice) == voice_slots(count, 8000)
        assert all(at + length <= second * 8000 + count for _, at, length in marks)


def test_recovery_removes_what_has_no_audio_or_is_no_track(tmp_path):
    path = track(tmp_path, 8000)
    mend(path, 0)
    assert not path.exists()
    path.write_bytes(b"RIFF" * 20)
    mend(path, 100)
    assert not path.exists()
    mend(path, 100)


@pytest.mark.parametrize("second", range(4))
def test_going_on_leaves_the_same_bytes(tmp_path, second):
    """From any second on, over what a killed process had written behind it, whole or torn."""
    path = track(tmp_path, 24_100)
    undisturbed = path.read_bytes()
    for left in (undisturbed, undisturbed[:-3], undisturbed + b"x" * 50):
        path.write_bytes(left)
        track(tmp_path, 24_100, begin=second)
        assert path.read_bytes() == undisturbed


def test_a_track_that_nothing_stands_beside_is_removed(tmp_path):
    path = track(tmp_path, 8000)
    for beside in (".wav", ".wav.part", ".json"):
        other = path.with_suffix(beside)
        other.write_bytes(b"")
        assert recover(tmp_path, held={ID}) == []
        assert path.exists()
        other.unlink()
    assert recover(tmp_path) == []
    assert not path.exists()


def test_one_that_is_gone_begins_where_the_recording_is(tmp_path):
    read = as_documented(track(tmp_path, 24_000, begin=2))
    assert [each[0] for each in read] == [2]


def test_what_the_ring_lost_is_silence(tmp_path):
    read = as_documented(track(tmp_path, 8000, source=Tape(oldest=1600)))
    assert read[0][2][:4] == (0, 0, 0, 0)
    assert read[0][2][4:] == extremes(PCM[3200:16_000], 1, 800)


def test_a_fault_ends_the_track_and_is_logged_once(tmp_path, monkeypatch, caplog):
    writes = []

    def full(fd, data, offset, write=os.pwrite):
        writes.append(offset)
        if len(writes) > 2:
            raise OSError(28, "No space left on device")
        return write(fd, data, offset)

    monkeypatch.setattr(tracker.os, "pwrite", full)
    path = track(tmp_path, 40_000)
    assert [each[0] for each in as_documented(path)] == [0]
    assert len(writes) == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_place_that_is_taken_harms_nobody(tmp_path, caplog):
    track_path(tmp_path / f"{ID}.wav").mkdir()
    track(tmp_path, 40_000)
    assert len(caplog.records) == 1
