"""How a recording begins, whoever wants it: whether one may, on which call, and what is ordered."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from recorder.contract.commands import BeginCall
from recorder.contract.events import RecordingFacts
from recorder.contract.faults import refused
from recorder.contract.parameters import Parameters
from recorder.line.call import Call
from recorder.line.line import Line
from recorder.line.order import Order


@dataclass(frozen=True, slots=True)
class Starts:
    """Judges whether a recording can begin; `no_room` says why the disk lets none (line, format)."""

    no_room: Callable[[str, str], str | None]

    def check(self, line: Line, control_id: str | None, format_: str) -> None:
        """Raises Refused (409, 503, 507): none can begin now."""
        if not line.is_up:
            raise refused(503, "line_down", "", f"line {line.id} has no audio now")
        live = line.live()
        if control_id is not None and any(each.order.facts.control_id == control_id for each in live):
            raise refused(409, "conflict", "control_id", "a live recording of the call has this control_id")
        if len(live) >= line.settings.most_recordings:
            raise refused(503, "limit_reached", "", f"{len(live)} recordings live on the line: no more may")
        why = self.no_room(line.id, format_)
        if why is not None:
            raise refused(507, "insufficient_storage", "", why)


def order(line: Line, parameters: Parameters, recording_id: str, run_id: str | None = None) -> Order:
    """What is ordered on the line's live call. `run_id`: the run of a document that it belongs to."""
    assert line.call is not None
    facts = RecordingFacts(
        node_id=line.box.node_id,
        line=line.id,
        project_id=line.call.project_id,
        space_id=line.call.space_id,
        call_id=line.call.call_id,
        control_id=parameters.control_id or str(uuid.uuid4()),
        recording_id=recording_id,
        url=line.box.link(recording_id, parameters.format),
        format=parameters.format,
        direction=parameters.direction,
        stereo=parameters.stereo,
        document_run=run_id,
    )
    return Order(facts, parameters, dict(line.call.metadata))


def make_up_call(line: Line, frame: int) -> None:
    """Begin a call for a recording on an idle line."""
    line.take("call_begin", frame, **call_body(line, str(uuid.uuid4()), made_up=True))


def call_body(line: Line, call_id: str, *, made_up: bool, command: BeginCall | None = None) -> dict[str, Any]:
    """What journals a call; of the live one, what a command leaves out stays as it is."""
    call = line.call
    if call is None or call.call_id != call_id:
        call = Call(call_id, 0, time.time(), made_up, line.box.project_id, line.box.space_id)
    if command is not None:
        call = replace(
            call,
            made_up=made_up,
            project_id=call.project_id if command.project_id is None else command.project_id,
            space_id=call.space_id if command.space_id is None else command.space_id,
            metadata=command.metadata or call.metadata,
        )
    body = call.save()
    del body["begin_frame"]  # it is the input's
    return body
