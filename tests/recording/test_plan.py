"""Seconds become frames, rounded half up."""

import pytest

from recorder.contract.parameters import Parameters
from recorder.recording.machine import Machine
from recorder.recording.plan import Plan, frames_of, timeout_frames


@pytest.mark.parametrize(
    ("seconds", "rate", "frames"),
    [
        (0, 8000, 0),
        (1, 8000, 8000),
        (0.00001, 8000, 1),  # at least 1
        (0.0001875, 8000, 2),  # 1.5: half up
        (0.00018, 8000, 1),
        (1.0000625, 8000, 8001),  # 8000.5 as it is written, whatever the float
        (2.675, 48000, 128400),
        (86400, 48000, 4_147_200_000),
        (0.1, 44100, 4410),
    ],
)
def test_seconds_are_rounded_half_up(seconds: float, rate: int, frames: int) -> None:
    assert frames_of(seconds, rate) == frames


@pytest.mark.parametrize(
    ("seconds", "rate", "frames"),
    [(0, 8000, 0), (0.0001, 8000, 80), (0.01, 8000, 80), (0.0101, 8000, 160), (0.5, 44100, 22050), (0.011, 44100, 882)],
)
def test_timeouts_are_rounded_up_to_10_ms(seconds: float, rate: int, frames: int) -> None:
    assert timeout_frames(seconds, rate) == frames


def test_plan_takes_every_parameter() -> None:
    asked = Parameters(
        terminators="#9",
        initial_timeout=4.001,
        end_silence_timeout=0.5,
        max_length=60,
        pre_roll=2,
        beep_interval=15,
    )
    assert Plan.of(asked, 8000, cap_frames=999, keep_no_input=True) == Plan(
        cap=999,
        lead=40,
        same_press=4000,
        terminators="#9",
        pre_roll=16000,
        max_length=480_000,
        initial_timeout=32080,
        end_silence=4000,
        beep_interval=120_000,
        keep_no_input=True,
    )
    assert Plan.of(Parameters(beep=True), 44100, cap_frames=1).beep
    assert Plan.of(Parameters(), 44100, cap_frames=1).lead == 220


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"cap": 0}, "cap"),
        ({"beep": True, "pre_roll": 1}, "pre_roll does not go with beep"),
        ({"pre_roll": 10, "max_length": 10}, "pre_roll fills max_length"),
    ],
)
def test_plan_refuses_what_no_recording_can_be(asked: dict[str, int], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Plan(**{"cap": 1, "lead": 0, "same_press": 0} | asked)


@pytest.mark.parametrize(("command", "first"), [(10, 11), (10, 4), (3, -1)])
def test_machine_refuses_a_first_frame_that_the_plan_does_not_reach(command: int, first: int) -> None:
    plan = Plan(cap=100, lead=0, same_press=0, pre_roll=5)
    with pytest.raises(ValueError, match=f"begin its file at {first}"):
        Machine(plan, command, first)


def test_machine_begins_later_than_asked_when_the_pre_roll_is_not_there() -> None:
    assert Machine(Plan(cap=100, lead=0, same_press=0, pre_roll=5), 10, 8).frames == 0
