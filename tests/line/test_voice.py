"""What a line remembers of voice, digits, gaps and pauses."""

import json

from hypothesis import given
from hypothesis import strategies as st

from recorder.line.preroll import PreRollMark
from recorder.line.recent import Recent
from recorder.line.tones import OwnTones
from recorder.line.voice import KEPT_BLOCKS, VoiceHistory, merge
from recorder.recording.inputs import DigitHeard, DigitSent, GapFound


def test_either_party_s_speech_is_speech_of_both():
    speak, listen = bytes([0, 200, 10]), bytes([90, 20, 10])
    assert merge([speak, listen], "both") == bytes([90, 200, 10])
    assert merge([speak, listen], "listen") == listen
    assert merge([speak, listen], "speak") == merge([speak], "both") == speak


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(0, 5000))
def test_the_history_gives_back_what_it_heard_however_it_came(pieces, start):
    history = VoiceHistory(1, start)
    for piece in pieces:
        history.extend(history.next_block, [piece])
    heard = b"".join(pieces)
    first, voice = history.since(start, "speak")
    assert first + len(voice) == start + len(heard)
    assert heard.endswith(voice)
    assert len(voice) >= min(len(heard), KEPT_BLOCKS)
    again = VoiceHistory.load(json.loads(json.dumps(history.save())))
    assert again.since(start, "speak") == (first, voice)


def test_blocks_that_were_lost_count_as_silence():
    history = VoiceHistory(1)
    history.extend(0, [b"\xff"])
    history.extend(3, [b"\xff"])
    assert history.since(0, "speak") == (0, b"\xff\0\0\xff")


def test_our_own_tone_counts_as_silence():
    history = VoiceHistory(2)
    history.extend(0, [b"\xff" * 5, b"\xee" * 5])
    history.silence(1, 3)
    assert history.since(0, "both") == (0, b"\xff\0\0\xff\xff")


def test_a_pre_roll_stops_at_whatever_comes_first():
    mark = PreRollMark()
    reach = {"call_begin": 0, "oldest": 0, "paused_now": False}
    assert mark.first_frame(1000, 400, **reach) == 600
    assert mark.first_frame(1000, 400, **{**reach, "call_begin": 700}) == 700
    assert mark.first_frame(1000, 400, **{**reach, "oldest": 800}) == 800
    assert mark.first_frame(1000, 400, **{**reach, "paused_now": True}) == 1000
    mark.raise_to(900)
    mark.raise_to(500)
    assert mark.first_frame(1000, 400, **reach) == 900
    assert mark.first_frame(1000, 0, **reach) == 1000


def test_a_later_recording_hears_of_recent_digits_and_of_gaps_in_its_pre_roll():
    recent = Recent()
    for frame in (100, 7000, 8200):
        recent.note_digit(DigitHeard("1", frame), 8000)
    recent.note_digit(DigitSent("2", 8300), 8000)
    for start in (0, 5000, 6500):
        recent.note_gap(GapFound(start, 600))
    told = list(Recent.load(json.loads(json.dumps(recent.save()))).for_recording(5500, 8400, 4000))
    assert told == [
        GapFound(5500, 100),
        GapFound(6500, 600),
        DigitHeard("1", 7000),
        DigitHeard("1", 8200),
        DigitSent("2", 8300),
    ]


def test_blocks_in_which_our_tone_sounds_are_silenced_wherever_they_lie():
    tones = OwnTones()
    tones.add(160, 330, judged=0)  # blocks 2 to 4, of 80 frames
    assert tones.silenced(0, [b"\xff" * 6], 80) == [b"\xff\xff\0\0\0\xff"]
    assert tones.silenced(4, [b"\xff" * 3, b"\xee" * 3], 80) == [b"\0\xff\xff", b"\0\xee\xee"]
    assert tones.silenced(5, [b"\xff" * 3], 80) == [b"\xff" * 3]
    tones.add(1000, 1080, judged=400)
    assert tones.spans == [(1000, 1080)]
