"""What a track is told: in the file's time, and the same however the audio came in pieces."""

import random

import pytest

from recorder.line.track import TrackNotes
from recorder.line.voice import VoiceHistory
from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, TellState
from recorder.recording.states import State
from recorder.writers.source import Mixing
from recorder.writers.track import GAP, MUTE, SKIP, Mark, TrackHead, voice_slots
from recorder.writers.tracker import Stretch

ID = "01900000-0000-7000-8000-000000000000"
RATE, BLOCK = 8000, 80
SPEAK, LISTEN = (random.Random(seed).randbytes(1000) for seed in (1, 2))


def voice():
    heard = VoiceHistory(2)
    heard.extend(0, [SPEAK, LISTEN])
    return heard


def notes(direction="both", *, stereo=True, begin=0):
    told = []
    head = TrackHead.of(ID, RATE, Mixing(2, direction, stereo))
    return TrackNotes(head, told.append, begin), told


def appended(file_frame, first, frames, seed=None):
    """One AppendFrames, or the same in pieces."""
    chance = random.Random(seed)
    while frames:
        piece = frames if seed is None else min(frames, chance.randint(1, 3000))
        yield AppendFrames(file_frame, first, piece)
        file_frame, first, frames = file_frame + piece, first + piece, frames - piece


def life(seed=None):
    """17,000 frames of the line from 1003, a skipped pause of 500, 9,000 more, a muted one of 2,000, a gap of 400."""
    yield from appended(0, 1003, 17_000, seed)
    yield TellState(1, State.PAUSED, 18_003, "skip")
    yield TellState(2, State.RECORDING, 18_503)
    yield from appended(17_000, 18_503, 9000, seed)
    yield TellState(3, State.PAUSED, 27_503, "silence")
    yield AppendSilence(26_000, 2000)
    yield TellState(4, State.RECORDING, 29_503)
    yield AppendSilence(28_000, 400)
    yield from appended(28_400, 29_903, 77, seed)
    yield CloseFile(28_477, keep=True)


def lived(seed=None, save_at=None):
    track, told = notes()
    for number, action in enumerate(life(seed)):
        if number == 0:
            for digit, frame in (("1", 900), ("2", 1003), ("3", 18_100), ("4", 18_503), ("5", 28_000)):
                track.hear("speak", digit, frame, sent=digit == "4")
            track.hear("listen", "6", 18_002)
        if number == save_at:
            saved = track.save()
            track.follow([AppendFrames(0, 10**6, 10)], voice())  # what is saved stays as it was
            track, more = notes()
            track._emit = told.append
            track.load(saved)
            assert more == []
        track.follow([action], voice())
    return told


def test_seconds_are_whole_and_the_last_is_what_is_left():
    told = lived()
    assert [each.second for each in told] == [0, 1, 2, 3]
    assert [sum(stretch.frames for stretch in each.stretches) for each in told] == [8000, 8000, 8000, 4477]
    assert told[2].stretches == (Stretch(17_003, 1000), Stretch(18_503, 7000))
    assert told[3].stretches == (Stretch(25_503, 2000), Stretch(None, 2000), Stretch(None, 400), Stretch(29_903, 77))


def test_marks_stand_in_the_files_time_and_none_of_a_pause_or_from_outside():
    marks = [mark for each in lived() for mark in each.marks]
    assert marks == [
        Mark("D2sh", 0, 0),
        Mark("D6lh", 16_999, 0),
        Mark(SKIP, 17_000, 500),
        Mark("D4ss", 17_000, 0),
        Mark(MUTE, 26_000, 2000),
        Mark(GAP, 28_000, 400),
    ]


def test_voice_is_that_of_the_block_at_the_middle_of_each_10_ms():
    told = lived()
    for each in told[:2]:
        first = 1003 + each.second * RATE
        blocks = [(first + slot * BLOCK + BLOCK // 2) // BLOCK for slot in range(100)]
        assert each.voice == bytes([SPEAK[n] for n in blocks] + [LISTEN[n] for n in blocks])
    slots = voice_slots(4477, RATE)
    assert len(told[3].voice) == 2 * slots
    assert told[3].voice[25:55] == bytes(30)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_in_any_pieces_and_from_any_checkpoint(seed):
    whole = lived()
    assert lived(seed) == whole
    assert lived(seed, save_at=random.Random(seed).randrange(15)) == whole


@pytest.mark.parametrize(("direction", "expected"), [("speak", "s"), ("listen", "l"), ("both", "sl")])
def test_digits_are_those_of_the_recorded_parties(direction, expected):
    track, told = notes(direction, stereo=False)
    track.hear("speak", "1", 10)
    track.hear("listen", "2", 20)
    track.follow([AppendFrames(0, 0, 100), CloseFile(100, keep=True)], voice())
    assert "".join(mark.what[2] for mark in told[0].marks) == expected


def test_mono_both_has_the_higher_voice():
    track, told = notes(stereo=False)
    track.follow([AppendFrames(0, 0, RATE)], voice())
    assert told[0].voice == bytes(map(max, SPEAK[:100], LISTEN[:100]))


def test_a_pause_that_the_recording_ends_in_is_told():
    track, told = notes()
    track.follow([AppendFrames(0, 0, RATE)], voice())
    track.follow([TellState(1, State.PAUSED, RATE, "skip")], voice())
    track.follow([CloseFile(RATE, keep=True), TellState(2, State.FINISHED, RATE + 50)], voice())
    assert told[1].marks == (Mark(SKIP, RATE, 50),)
    assert told[1].stretches == ()


def test_a_track_that_begins_late_begins_in_the_middle_of_a_second():
    track, told = notes(begin=RATE + 10)
    track.follow([AppendFrames(RATE + 10, 5000, RATE - 10)], voice())
    assert (told[0].second, told[0].stretches) == (1, (Stretch(None, 10), Stretch(5000, RATE - 10)))
    assert told[0].marks == ()
