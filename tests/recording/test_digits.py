"""Terminators: where they cut, which count, and when two sightings are one press."""

import pytest

from recorder.recording.inputs import AudioJudged, BeepEnded, DigitHeard, DigitSent, Input, PauseAsked, ResumeAsked
from tests.recording.tape import Tape

HEARD, SENT = DigitHeard, DigitSent


@pytest.mark.parametrize(
    ("inputs", "end"),
    [
        pytest.param([HEARD("#", 1000)], 995, id="the tone's first frame less 5 ms"),
        pytest.param([SENT("#", 1000)], 1000, id="the frame of arrival"),
        pytest.param([HEARD("5", 1000), SENT("5", 1000)], None, id="no terminator"),
        pytest.param([HEARD("#", 700)], 700, id="never before the armed frame"),
        pytest.param([HEARD("#", 704)], 700, id="never before the armed frame, a little later"),
        pytest.param([HEARD("#", 699)], None, id="begun before the armed frame"),
        pytest.param([SENT("#", 699)], None, id="arrived before the armed frame"),
        pytest.param([HEARD("#", 1000), SENT("1", 998)], 995, id="the earlier of two"),
        pytest.param([HEARD("#", 699), SENT("#", 1199)], None, id="one press: heard before, sent 500 ms later"),
        pytest.param([HEARD("#", 699), SENT("#", 1200)], 1200, id="two presses: sent 501 ms later"),
        pytest.param([SENT("#", 690), HEARD("#", 1190)], None, id="one press: sent before, heard 500 ms later"),
        pytest.param([SENT("#", 690), HEARD("#", 1191)], 1186, id="two presses: heard 501 ms later"),
        pytest.param([HEARD("#", 690), HEARD("#", 800)], 795, id="two tones are two presses"),
        pytest.param([SENT("#", 690), SENT("#", 800)], 800, id="two packets are two presses"),
        pytest.param([HEARD("1", 690), SENT("#", 800)], 800, id="two digits are two presses"),
        pytest.param([HEARD("#", 690), SENT("#", 750), SENT("#", 800)], 800, id="a press has one twin"),
    ],
)
@pytest.mark.parametrize("beep", [False, True])
def test_terminator(inputs: list[Input], end: int | None, *, beep: bool) -> None:
    tape = Tape.of(600 if beep else 700, terminators="#1", beep=beep).give(*inputs, AudioJudged(650))
    if beep:
        tape.give(BeepEnded(700))
    tape.give(AudioJudged(2000))
    if end is None:
        assert not tape.machine.ended
    else:
        assert (tape.states[-1], tape.ending.reason) == (("finished", end), "terminator")


@pytest.mark.parametrize(
    ("inputs", "end"),
    [
        pytest.param([HEARD("#", 450)], None, id="heard while paused"),
        pytest.param([SENT("#", 450)], None, id="sent while paused"),
        pytest.param([HEARD("#", 450), SENT("#", 650)], None, id="heard while paused, sent after"),
        pytest.param([SENT("#", 450), HEARD("#", 650)], None, id="sent while paused, heard after"),
        pytest.param([SENT("#", 400)], None, id="sent in the first paused frame"),
        pytest.param([SENT("#", 399)], 399, id="sent in the last frame before"),
        pytest.param([SENT("#", 500)], 500, id="sent in the first frame after"),
        pytest.param([HEARD("#", 404)], 399, id="cutting before the pause"),
        pytest.param([HEARD("#", 405)], None, id="cutting in the pause"),
        pytest.param([HEARD("#", 505)], 500, id="cutting at the resume"),
    ],
)
def test_digits_do_nothing_while_paused(inputs: list[Input], end: int | None) -> None:
    tape = Tape.of(terminators="#").give(PauseAsked(400), ResumeAsked(500), *inputs, AudioJudged(2000))
    if end is None:
        assert not tape.machine.ended
    else:
        assert (tape.states[-1], tape.ending.reason) == (("finished", end), "terminator")


@pytest.mark.parametrize("digit", [HEARD("#", 99), SENT("#", 99)])
def test_digit_in_the_pre_roll_does_nothing(digit: Input) -> None:
    tape = Tape.of(100, 20, pre_roll=80, terminators="#").give(digit, AudioJudged(300))
    assert not tape.machine.ended


def test_digit_is_told() -> None:
    assert Tape.of(terminators="#D").give(HEARD("D", 200), AudioJudged(300)).ending.digit == "D"
