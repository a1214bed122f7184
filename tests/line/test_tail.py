"""What is kept of the end of a file for its encoder to hear again."""

from recorder.line.tail import Tail
from recorder.recording.actions import AppendFrames, AppendSilence


def of(frames, *pieces):
    tail = Tail(frames)
    for piece in pieces:
        tail.put(piece)
    return tail


def test_tail_is_one_piece_of_the_last_frames_however_they_came():
    tail = of(1000, *(AppendFrames(at, 5000 + at, 160) for at in range(0, 3200, 160)))
    assert tail.pieces == [AppendFrames(2200, 7200, 1000)]


def test_tail_keeps_pauses_and_jumps_between_what_was_recorded():
    tail = of(1000, AppendFrames(0, 0, 900), AppendSilence(900, 400), AppendFrames(1300, 9000, 300))
    assert tail.pieces == [AppendFrames(600, 600, 300), AppendSilence(900, 400), AppendFrames(1300, 9000, 300)]


def test_tail_of_a_long_silence_is_its_end():
    assert of(1000, AppendFrames(0, 0, 10), AppendSilence(10, 10**9)).pieces == [AppendSilence(10**9 - 990, 1000)]


def test_tail_of_no_frames_keeps_nothing():
    assert of(0, AppendFrames(0, 0, 900), AppendSilence(900, 400)).pieces == []


def test_tail_comes_back_as_it_was_saved_and_goes_on():
    tail = of(1000, AppendFrames(0, 0, 900), AppendSilence(900, 400), AppendFrames(1300, 9000, 300))
    loaded = Tail.load(1000, tail.save())
    assert loaded.pieces == tail.pieces
    loaded.put(AppendFrames(1600, 9300, 1000))
    assert loaded.pieces == [AppendFrames(1600, 9300, 1000)]
