"""What ends a recording, on which frame, and which of two wins."""

from itertools import combinations

import pytest

from recorder.recording.actions import CloseFile
from recorder.recording.inputs import (
    AudioJudged,
    CallEnded,
    DigitHeard,
    DigitSent,
    GraceExpired,
    Input,
    InputEnded,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    WriterFailed,
)
from tests.recording.tape import Tape

# How each end is made to fall on frame 300 of a recording that began at frame 100.
AT_300: dict[str, tuple[dict[str, object], list[Input]]] = {
    "stop_command": ({}, [StopAsked(300)]),
    "call_ended": ({}, [CallEnded(300)]),
    "terminator": ({"terminators": "#"}, [DigitHeard("#", 305)]),
    "max_length": ({"max_length": 200}, []),
    "end_silence": ({"end_silence": 40}, [VoiceStarted(200), VoiceEnded(260)]),
    "initial_timeout": ({"initial_timeout": 200}, []),
}
STATES = {"initial_timeout": "no_input"}
# Every set of ends that can meet; the last two can't, as one wants speech before it and the other none.
TIES = [
    tied
    for size in range(2, len(AT_300))
    for tied in combinations(AT_300, size)
    if not {"end_silence", "initial_timeout"} <= set(tied)
]


@pytest.mark.parametrize("reason", AT_300)
def test_end_falls_on_its_frame_and_is_decided_once_that_is_judged(reason: str) -> None:
    asked, inputs = AT_300[reason]
    tape = Tape.of(**asked).give(*inputs, AudioJudged(300))
    assert tape.states == [("recording", 100)]
    tape.give(AudioJudged(301))
    assert tape.states == [("recording", 100), (STATES.get(reason, "finished"), 300)]
    assert tape.ending.reason == reason
    assert tape.file == list(range(100, 300))
    assert (tape.ending.frames, tape.ending.first_frame, tape.ending.end_frame) == (200, 100, 300)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("tied", TIES, ids=" ".join)
def test_tie_is_won_by_the_order_of_the_contract(tied: tuple[str, ...], *, backwards: bool) -> None:
    tape = Tape.of(**{name: value for reason in tied for name, value in AT_300[reason][0].items()})
    for reason in reversed(tied) if backwards else tied:
        tape.give(*AT_300[reason][1])
    tape.give(AudioJudged(400))
    assert tape.ending.reason == tied[0]
    assert tape.file == list(range(100, 300))


@pytest.mark.parametrize("reason", AT_300)
def test_failure_wins_every_tie(reason: str) -> None:
    asked, inputs = AT_300[reason]
    tape = Tape.of(**asked).give(*inputs, AudioJudged(300), WriterFailed("write_error", "I/O error", 200))
    assert (tape.states[-1], tape.ending.reason) == (("error", 300), "write_error")


@pytest.mark.parametrize("reason", ["max_length", "end_silence", "initial_timeout"])
def test_lost_device_wins_a_tie_with_a_timer(reason: str) -> None:
    asked, inputs = AT_300[reason]
    assert Tape.of(**asked).give(*inputs, GraceExpired(300)).ending.reason == "device_lost"


@pytest.mark.parametrize("reason", AT_300)
def test_end_of_the_input_is_the_end_of_the_call(reason: str) -> None:
    asked, inputs = AT_300[reason]
    tape = Tape.of(**asked).give(*inputs, InputEnded(300))
    assert tape.ending.reason == ("stop_command" if reason == "stop_command" else "call_ended")
    assert tape.file == list(range(100, 300))


def test_end_before_that_of_the_input_stays() -> None:
    assert Tape.of(max_length=50).give(InputEnded(300)).ending.reason == "max_length"


@pytest.mark.parametrize("reason", AT_300)
def test_earliest_frame_wins_whatever_the_order_of_ties(reason: str) -> None:
    asked, inputs = AT_300[reason]
    assert Tape.of(**asked).give(CallEnded(299), *inputs, AudioJudged(400)).ending.end_frame == 299


def test_tone_begun_before_max_length_but_recognised_after_it_is_the_terminator() -> None:
    tape = Tape.of(terminators="#", max_length=200).give(AudioJudged(280), DigitHeard("#", 304), AudioJudged(400))
    assert (tape.ending.reason, tape.ending.digit, tape.ending.end_frame) == ("terminator", "#", 299)


def test_max_length_counts_the_pre_roll() -> None:
    tape = Tape.of(100, 70, pre_roll=30, max_length=50).give(AudioJudged(400))
    assert tape.file == list(range(70, 120))


def test_cap_is_told_as_max_length() -> None:
    tape = Tape.of(cap=50).give(AudioJudged(400))
    assert (tape.ending.reason, tape.ending.frames) == ("max_length", 50)


def test_file_without_a_frame_is_not_kept() -> None:
    tape = Tape.of().give(StopAsked(100), AudioJudged(400))
    assert tape.states == [("recording", 100), ("finished", 100)]
    assert tape.others[-1] == CloseFile(0, keep=False)
    assert (tape.ending.kept, tape.ending.frames) == (False, 0)


def test_no_input_throws_its_file_away_and_tells_the_time_listened() -> None:
    tape = Tape.of(100, 70, pre_roll=30, initial_timeout=40).give(AudioJudged(400))
    assert tape.others[-1] == CloseFile(70, keep=False)
    assert (tape.ending.kept, tape.ending.frames) == (False, 40)


def test_no_input_keeps_its_file_where_it_is_wanted() -> None:
    tape = Tape.of(100, 70, pre_roll=30, initial_timeout=40, keep_no_input=True).give(AudioJudged(400))
    assert tape.others[-1] == CloseFile(70, keep=True)
    assert (tape.ending.kept, tape.ending.frames) == (True, 70)


def test_stop_before_any_speech_is_finished() -> None:
    assert Tape.of(initial_timeout=40).give(StopAsked(120), AudioJudged(400)).states[-1] == ("finished", 120)


@pytest.mark.parametrize("told_first", ["#", "1"])
@pytest.mark.parametrize("one", [DigitSent("1", 200), DigitHeard("1", 205)])
def test_two_digits_at_one_frame_are_told_alike_in_any_order(one: Input, told_first: str) -> None:
    both: list[Input] = [one, DigitSent("#", 200)]
    tape = Tape.of(terminators="#1").give(*(both if told_first == "1" else both[::-1]), AudioJudged(300))
    assert tape.ending.digit == "#"
