"""The desk: every command enters here, whatever door it came through, and means and answers the same.

A success is answered only once the command is in the journal: it survives whatever comes next.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from recorder.bridge import auto
from recorder.bridge.answers import Answer, of_ended, of_live, record_call_variables, record_variables
from recorder.bridge.ledger import Ledger
from recorder.bridge.past import Past
from recorder.bridge.repeats import Memo, Repeats, body_hash
from recorder.bridge.starts import Starts, call_body, make_up_call, order
from recorder.contract.commands import (
    BeginCall,
    Command,
    EndCall,
    PauseRecording,
    ResumeRecording,
    SendDigit,
    StartRecording,
    StopRecording,
)
from recorder.contract.envelope import command_id_of, parse_command, transaction_of
from recorder.contract.events import RecordingFacts
from recorder.contract.faults import Refused, refused
from recorder.contract.ids import new_recording_id
from recorder.line.inputs import Kind
from recorder.line.line import Line
from recorder.line.live import LiveRecording
from recorder.store.errors import StoreError

LOOK_EVERY_S = 0.2  # for a recording that a restarted service has not picked up yet


class Desk:
    """Takes commands for the lines of one box."""

    def __init__(
        self,
        lines: Mapping[str, Line],
        past: Past,
        ledger: Ledger,
        repeats: Repeats,
        starts: Starts,
    ) -> None:
        """`past` knows recordings and calls that have ended."""
        self._lines = lines
        self._past = past
        self._ledger = ledger
        self._repeats = repeats
        self._starts = starts

    async def take(self, line_id: object, raw: object, arrived_ns: int, *, run_id: str | None = None) -> Answer:
        """Carry out a command that reached the box at that moment of CLOCK_BOOTTIME. Raises Refused.

        With a command_id it is carried out once, however often it comes within the hour. `run_id`: the run of a
        document that the command belongs to.
        """
        line = self.line(line_id)
        known = command_id_of(raw)
        if known is None:
            return await self._first(line, raw, arrived_ns, run_id, None)
        first: list[Answer] = []

        async def carry_out(memo: Memo) -> Mapping[str, Any]:
            first.append(await self._first(line, raw, arrived_ns, run_id, memo))
            return first[0].data

        outcome = await self._repeats.once(known, body_hash(line.id, raw), carry_out)
        if first:
            return first[0]
        data = outcome["data"] if "data" in outcome else await self._end_of(line, outcome["wait_for"])
        return Answer(data, transaction_of(raw))

    async def _first(self, line: Line, raw: object, arrived_ns: int, run_id: str | None, memo: Memo | None) -> Answer:
        command = parse_command(raw, limits=line.limits, line_defaults=line.settings.defaults)
        if command.deadline is not None and command.deadline < time.time():
            raise refused(408, "deadline_passed", "deadline", "the command came after its deadline")
        frame = line.frame_at(arrived_ns)
        return Answer(await self._carry_out(line, command, frame, run_id, memo), command.transaction)

    def line(self, line_id: object) -> Line:
        """The line of that id. Raises Refused (404)."""
        line = self._lines.get(line_id) if isinstance(line_id, str) else None
        if line is None:
            known = ", ".join(self._lines) or "none"
            raise refused(404, "not_found", "line", f"there is no such line here; there are: {known}")
        return line

    async def _carry_out(
        self, line: Line, command: Command, frame: int, run_id: str | None, memo: Memo | None
    ) -> Mapping[str, Any]:
        match command:
            case StartRecording():
                return await self._start(line, command, frame, run_id, memo)
            case StopRecording() | PauseRecording() | ResumeRecording():
                return await self._steer(line, command, frame, memo)
            case SendDigit():
                return await self._digit(line, command, frame, memo)
            case BeginCall():
                return await self._begin_call(line, command, frame, memo)
            case EndCall():
                return await self._end_call(line, command, frame, memo)

    async def _journalled(
        self, act: Callable[[], Mapping[str, Any]], memo: Memo | None, wait_for: Callable[[], str] | None = None
    ) -> Mapping[str, Any]:
        """Do what changes a line, and give its answer once both stand in the journal. Raises Refused (507).

        `wait_for` names the recording whose end is the answer, where `act`'s data is not.
        """
        with self._ledger.together() as pieces:
            data = act()
            if memo is not None:
                pieces.add(memo.piece({"data": data} if wait_for is None else {"wait_for": wait_for()}))
        assert pieces.written is not None
        try:
            await pieces.written
        except StoreError as error:
            raise refused(507, "insufficient_storage", "", f"the journal can't be written: {error.reason}") from error
        return data

    # Recordings.

    async def _start(
        self, line: Line, command: StartRecording, frame: int, run_id: str | None, memo: Memo | None
    ) -> Mapping[str, Any]:
        self._check_is_live(line, command.id)
        self._starts.check(line, command.parameters.control_id, command.parameters.format)
        recording_id = new_recording_id()

        def act() -> Mapping[str, Any]:
            if line.call is None:
                make_up_call(line, frame)
            live = line.start(order(line, command.parameters, recording_id, run_id), frame)
            return {**of_live(live), **(record_call_variables(live) if command.verb == "record_call" else {})}

        waits = command.verb == "record"
        try:
            data = await self._journalled(act, memo, (lambda: recording_id) if waits else None)
        except Refused:
            line.abandon(recording_id)
            raise
        return await self._end_of(line, recording_id) if waits else data

    async def _end_of(self, line: Line, recording_id: str) -> Mapping[str, Any]:
        """The answer of `record`: how the recording ended, once it has."""
        while (event := await self._past.end_of(recording_id)) is None:
            live = line.recordings.get(recording_id)
            if live is None:  # just over, or not picked up yet
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                await asyncio.wait([live.over])
                await self._ledger.flushed()
        return {**of_ended(event), **record_variables(event)}

    async def _steer(
        self,
        line: Line,
        command: StopRecording | PauseRecording | ResumeRecording,
        frame: int,
        memo: Memo | None,
    ) -> Mapping[str, Any]:
        """Stop, pause or resume the live recording that is meant; of one that has ended, tell how it did."""
        live = named(line, command)
        if live is not None and live.stopping and not isinstance(command, StopRecording):
            raise refused(410, "gone", "control_id", "the recording has ended")  # its stop came first
        if live is not None:
            kind, more = steering(command)

            def act() -> Mapping[str, Any]:
                line.take(kind, frame, recording_id=live.id, **more)
                return {**of_live(live), **stop_variables(command)}

            return await self._journalled(act, memo)
        if command.control_id is None:
            raise refused(404, "not_found", "control_id", "no recording of the call lives")
        event = await self._past.recording(line.id, command.id, command.control_id)
        if event is None:
            raise refused(404, "not_found", "control_id", "the call never had a recording of this control_id")
        if not isinstance(command, StopRecording):
            raise refused(410, "gone", "control_id", "the recording has ended")
        return await self._journalled(lambda: {**of_ended(event), **stop_variables(command)}, memo)

    # Calls.

    def _check_is_live(self, line: Line, call_id: str | None) -> None:
        if call_id is not None and (line.call is None or line.call.call_id != call_id):
            raise refused(404, "not_found", "id", "this is not the live call of the line")

    async def _digit(self, line: Line, command: SendDigit, frame: int, memo: Memo | None) -> Mapping[str, Any]:
        self._check_is_live(line, command.id)
        if line.source is None:
            raise refused(503, "line_down", "", f"line {line.id} has no audio now")

        def act() -> Mapping[str, Any]:
            line.take("digit", frame, digit=command.digit)
            return {"digit": command.digit}

        return await self._journalled(act, memo)

    async def _begin_call(self, line: Line, command: BeginCall, frame: int, memo: Memo | None) -> Mapping[str, Any]:
        call_id = command.call_id
        if command.id != call_id:  # with its own id it is the live one from now on
            self._check_is_live(line, command.id)
        if call_id in self._lines:
            raise refused(422, "invalid_parameter", "call_id", "call_id must not be a line's id")
        if any(
            other.call is not None and other.call.call_id == call_id
            for other in self._lines.values()
            if other is not line
        ):
            raise refused(409, "conflict", "call_id", "a call of this id lives on another line")
        if line.source is None:
            raise refused(503, "line_down", "", f"line {line.id} has no audio now")

        begun: list[str] = []

        def act() -> Mapping[str, Any]:
            is_new = line.call is None or line.call.call_id != call_id
            if line.call is not None and is_new:
                line.take("call_end", frame)  # its end was lost
            line.take("call_begin", frame, **call_body(line, call_id, made_up=False, command=command))
            if is_new and line.settings.auto_record == "call":
                begun.append(auto.begin(self._starts, line, frame))
            return {"call_id": call_id, "state": "begin"}

        try:
            return await self._journalled(act, memo)
        except Refused:
            for recording_id in begun:
                line.abandon(recording_id)
            raise

    async def _end_call(self, line: Line, command: EndCall, frame: int, memo: Memo | None) -> Mapping[str, Any]:
        is_live = line.call is not None and line.call.call_id == command.call_id
        if command.id != command.call_id:  # with its own id it may be one that has ended
            self._check_is_live(line, command.id)
        if not is_live and not await self._past.knows_call(line.id, command.call_id):
            raise refused(404, "not_found", "call_id", "this line never had a call of this id")

        def act() -> Mapping[str, Any]:
            if is_live:
                line.take("call_end", frame)
            return {"call_id": command.call_id, "state": "end"}

        return await self._journalled(act, memo)


def steering(command: StopRecording | PauseRecording | ResumeRecording) -> tuple[Kind, dict[str, Any]]:
    """The line's input that the command is, and what it says beside the recording."""
    match command:
        case StopRecording():
            return "stop", {}
        case PauseRecording():
            return "pause", {"behavior": command.behavior}
        case ResumeRecording():
            return "resume", {}


def named(line: Line, command: StopRecording | PauseRecording | ResumeRecording) -> LiveRecording | None:
    """The live recording that a command names, or where it names none the youngest that no stop is on its way to."""
    meant = [live for live in reversed(line.live()) if is_meant(live.order.facts, command)]
    return next((live for live in meant if not live.stopping), meant[0] if meant else None)


def is_meant(facts: RecordingFacts, command: StopRecording | PauseRecording | ResumeRecording) -> bool:
    """Whether the command may be for a recording of these facts."""
    return command.id in (None, facts.call_id) and command.control_id in (None, facts.control_id)


def stop_variables(command: Command) -> dict[str, Any]:
    """What `stop_record_call` sets in a document."""
    return {"stop_record_call_result": "success"} if command.verb in ("stop_record_call", "stop_call_record") else {}
