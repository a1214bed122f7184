"""When a recording began and ended, by the wall clock, which may be set meanwhile."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from recorder.contract.events import RecordingFacts
from recorder.contract.limits import Limits
from recorder.contract.parameters import parse_parameters
from recorder.line.box import Box, LineSettings
from recorder.line.line import Line
from recorder.line.order import Order
from recorder.recording.actions import Action, CloseFile, OpenFile
from recorder.writers.reports import Closed, Opened, Report

RATE = 8000
BEGAN_S = 1_790_000_000
RECORDING = "01a20971-b7aa-79d3-842d-59de9f9a03cb"
LIMITS = Limits(listen=False, playback=False)


@dataclass
class Ring:
    """Sampled without a fault, while the wall clock is set at `step_frame`."""

    step_frame: int
    step_s: float
    rate: int = RATE
    channels: int = 1
    head: int = RATE
    epoch: int = 1
    oldest: int = 0

    def time_of(self, frame: int) -> tuple[int, int]:
        since_ns = frame * 1_000_000_000 // RATE
        wall_s = BEGAN_S + (self.step_s if frame >= self.step_frame else 0)
        return since_ns, round(wall_s * 1e9) + since_ns


@dataclass
class Notes:
    told: list[dict[str, Any]] = field(default_factory=list)

    def take(self, *_: object) -> None:
        pass

    def opened(self, *_: object) -> None:
        pass

    def tell(self, event: dict[str, Any]) -> None:
        self.told.append(event["params"])


@dataclass
class Pool:
    """Writers that do all at once, and tell of it when asked."""

    reports: list[Report] = field(default_factory=list)

    def add(self, *_: object, **__: object) -> None:
        pass

    def perform(self, recording_id: str, action: Action) -> None:
        if isinstance(action, OpenFile):
            self.reports.append(Opened(recording_id, Path("a.wav")))
        elif isinstance(action, CloseFile):
            self.reports.append(Closed(recording_id, action.frames, 0, None))


@pytest.mark.parametrize("step_s", [0.0, 3600.0, -3600.0])
@pytest.mark.parametrize("step_frame", [RATE // 2, 2 * RATE])  # before it, in it
async def test_a_recording_lives_as_long_as_it_was_heard_however_the_clock_is_set(
    step_s: float, step_frame: int
) -> None:
    notes, pool, nothing = Notes(), Pool(), cast("Any", None)
    box = Box(
        "box", "", "", cast("Any", notes), cast("Any", pool), nothing, lambda *_: Path("a.wav"), None, nothing, bool
    )
    line = Line(LineSettings("front", LIMITS, {}, cap_s=60, device_grace_s=1), box)
    ring = Ring(step_frame, step_s)
    line.attach(cast("Any", ring), RATE)
    line.take("call_begin", RATE, call_id="c", since=1.0, project_id="", space_id="", metadata={}, made_up=False)
    parameters = parse_parameters("record_call", {}, limits=LIMITS)
    facts = RecordingFacts(
        node_id="box",
        line="front",
        project_id="",
        space_id="",
        call_id="c",
        control_id="c-1",
        recording_id=RECORDING,
        url=None,
        format="wav",
        direction="speak",
        stereo=False,
    )
    live = line.start(Order(facts, parameters, {}), RATE)
    line.take("stop", 3 * RATE, recording_id=RECORDING)
    for ring.head, first_block in ((2 * RATE, 100), (4 * RATE, 200)):
        line.heard(("audio", 0, ring.head, ring.head, first_block, [bytes(6 * 200)], []))
        while pool.reports:
            live.report(pool.reports.pop(0))
    end = notes.told[-1]
    assert (end["state"], end["duration"]) == ("finished", 2.0)
    assert end["start_time"] == ring.time_of(RATE)[1] / 1e9
    assert end["end_time"] - end["start_time"] == 2.0
