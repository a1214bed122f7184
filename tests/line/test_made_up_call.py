"""A call that a recording made up does not outlive its recordings, whatever a kill or a lost ring has cut off."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from recorder.contract.limits import Limits
from recorder.line.box import Box, LineSettings
from recorder.line.inputs import LineInput
from recorder.line.line import Line

CALL = {"call_id": "c", "since": 1.0, "project_id": "", "space_id": "", "metadata": {}}
EPOCH, HEAD = 7, 16_000


@dataclass
class Ring:
    rate: int = 8000
    channels: int = 1
    head: int = HEAD
    epoch: int = EPOCH
    oldest: int = 0


@dataclass
class Notes:
    """The Journal of a line whose inputs matter alone."""

    taken: list[tuple[int, LineInput]] = field(default_factory=list)

    def take(self, line: str, epoch: int, entry: LineInput) -> None:
        assert line == "front"
        self.taken.append((epoch, entry))


def made(notes: Notes) -> Line:
    nothing: Any = None
    box = Box("box", "", "", cast("Any", notes), nothing, nothing, nothing, Path(), nothing, nothing)
    return Line(LineSettings("front", Limits(listen=False, playback=False), {}, cap_s=60, device_grace_s=1), box)


def picked_up(notes: Notes, *, made_up: bool, in_checkpoint: bool) -> Line:
    """A line whose call has no recording any more: a fault had ended it, and the kill came before the call's end."""
    begin = LineInput("call_begin", 8000, 1, {**CALL, "made_up": made_up})
    before = made(notes)
    before.attach(cast("Any", Ring()), 8000)
    if in_checkpoint:
        before.take("call_begin", begin.frame, **begin.body)
    state = before.save()
    notes.taken.clear()
    line = made(notes)
    line.pick_up(cast("Any", Ring()), state, [] if in_checkpoint else [begin])
    line.heard(("gap", 0, HEAD, 0))
    return line


@pytest.mark.parametrize("in_checkpoint", [True, False])
def test_it_is_over_once_a_restarted_service_knows_that_nothing_lives_on_it(*, in_checkpoint: bool) -> None:
    notes = Notes()
    line = picked_up(notes, made_up=True, in_checkpoint=in_checkpoint)
    assert line.call is None
    [(epoch, entry)] = notes.taken
    assert (epoch, entry.kind, entry.number) == (EPOCH, "call_over", 2)


@pytest.mark.parametrize("in_checkpoint", [True, False])
def test_a_call_that_was_begun_by_a_command_goes_on(*, in_checkpoint: bool) -> None:
    notes = Notes()
    line = picked_up(notes, made_up=False, in_checkpoint=in_checkpoint)
    assert line.call is not None
    assert line.call.call_id == "c"
    assert notes.taken == []
