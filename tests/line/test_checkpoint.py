"""What an earlier version wrote is read; what a later one wrote is not guessed at."""

import struct

import pytest

from recorder._dsp import EAR_VERSION
from recorder.line import checkpoint
from recorder.line.checkpoint import LAYOUT, Checkpoint
from recorder.line.speech import Speech
from recorder.line.voice import VoiceHistory

MADE = Checkpoint(7, 8000, {"number": 3, "recordings": []}, b"ear")


def at_layout(layout: int) -> bytes:
    return struct.pack("<I", layout) + MADE.encode()[4:]


def test_it_reads_what_it_wrote() -> None:
    assert Checkpoint.decode(MADE.encode()) == MADE


@pytest.mark.parametrize("payload", [None, b"", b"x" * 10, at_layout(LAYOUT + 1), at_layout(0)])
def test_nothing_and_layouts_that_are_not_known_are_none(payload: bytes | None) -> None:
    assert Checkpoint.decode(payload) is None


def test_earlier_layouts_are_made_the_present_one_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {LAYOUT: lambda line: {**line, "seen": ["one"]}, LAYOUT + 1: lambda line: {**line, "number": 4}}
    monkeypatch.setattr(checkpoint, "_UPGRADES", steps)
    payload = MADE.encode()
    monkeypatch.setattr(checkpoint, "LAYOUT", LAYOUT + 2)
    read = Checkpoint.decode(payload)
    assert read is not None
    assert read.line == {"number": 4, "recordings": [], "seen": ["one"]}
    assert (read.frame, read.ear) == (MADE.frame, MADE.ear)


def test_another_ear_is_left_out() -> None:
    payload = bytearray(MADE.encode())
    struct.pack_into("<I", payload, 4, EAR_VERSION + 1)
    read = Checkpoint.decode(bytes(payload))
    assert read is not None
    assert (read.line, read.ear) == (MADE.line, None)


def test_an_ear_that_hears_again_what_is_known_changes_nothing() -> None:
    voice = VoiceHistory(1)
    voice.extend(0, [bytes(range(100))])
    voice.extend(50, [bytes(70)])
    assert voice.since(0, "speak") == (0, bytes(range(100)) + bytes(20))
    voice.extend(0, [b"x" * 30])
    assert voice.next_block == 120


@pytest.mark.parametrize("speaking", [True, False])
def test_a_gate_of_another_version_hears_the_last_second_again(*, speaking: bool) -> None:
    voice = VoiceHistory(1)
    voice.extend(0, [bytes(200) + (b"\xff" if speaking else b"\0") * 200])
    whole = Speech(44.0, "speak", 80, 0)
    whole.hear(voice)
    other = Speech(44.0, "speak", 80, 0)
    other.load({**whole.save(), "gate": ""}, voice)
    voice.extend(400, [bytes(200)])
    assert other.hear(voice) == whole.hear(voice)
    assert other.known == whole.known
