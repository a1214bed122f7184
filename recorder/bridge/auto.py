"""Recordings that nobody commanded: of every call, or of all that is said on a line."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recorder.bridge.ledger import Ledger
from recorder.bridge.starts import Starts, make_up_call, order
from recorder.contract.faults import Refused
from recorder.contract.ids import new_recording_id
from recorder.contract.parameters import Parameters, parse_parameters
from recorder.line.line import Line
from recorder.store.errors import StoreError

log = logging.getLogger(__name__)

CONTROL_ID = "auto"
SILENCE_S = 5.0  # ends a recording that speech began, where the line's defaults name no end_silence_timeout


class AutoRecord:
    """The Starter of a service's lines. It begins nothing until it has `starts`, which is made later than they are."""

    def __init__(self, ledger: Ledger, lines: Mapping[str, Line]) -> None:
        self.starts: Starts | None = None
        self._ledger = ledger
        self._lines = lines
        self._writing: set[asyncio.Task[None]] = set()

    def speech_began(self, line: str, frame: int) -> None:
        """As Starter says. A start that can't be journalled is undone and logged."""
        if self.starts is not None:
            here = self._lines[line]
            with self._ledger.together() as pieces:
                if here.call is None:
                    make_up_call(here, frame)
                assert here.call is not None
                recording_id = begin(self.starts, here, max(frame, here.call.begin_frame), by_voice=True)
            assert pieces.written is not None
            task = asyncio.create_task(self._settle(here, recording_id, pieces.written))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _settle(self, line: Line, recording_id: str, written: "asyncio.Future[list[Any]]") -> None:
        try:
            await written
        except StoreError as error:
            log.error("line %s: speech is not recorded: the journal can't be written: %s", line.id, error.reason)  # noqa: TRY400 # because the message says all
            line.abandon(recording_id)


def begin(starts: Starts, line: Line, frame: int, *, by_voice: bool = False) -> str:
    """Begin a recording with the line's defaults, or tell why it can't; its id. Called while pieces are gathered."""
    parameters, why = wanted(line, by_voice=by_voice)
    recording_id = new_recording_id()
    assert line.call is not None
    of_call = (live.order.facts for live in line.live() if live.order.facts.call_id == line.call.call_id)
    taken = {facts.control_id for facts in of_call}
    control_id = f"{CONTROL_ID}-{recording_id}" if CONTROL_ID in taken else CONTROL_ID
    parameters = replace(parameters, control_id=control_id)
    if not why:
        try:
            starts.check(line, None, parameters.format)
        except Refused as refused:
            why = reason(refused)
    if why:
        log.warning("line %s: recording %s was to begin by itself: %s", line.id, recording_id, why)
    line.start(order(line, parameters, recording_id), frame, by_voice=by_voice, refused=why)
    return recording_id


def wanted(line: Line, *, by_voice: bool) -> tuple[Parameters, str]:
    """The parameters, and why the line can't do them now, if so."""
    defaults = line.settings.defaults
    given = {} if "end_silence_timeout" in defaults or not by_voice else {"end_silence_timeout": SILENCE_S}
    try:
        return parse_parameters("record_call", given, limits=line.limits, line_defaults=defaults), ""
    except Refused as refused:
        return Parameters(), reason(refused)


def reason(refused: Refused) -> str:
    """What is wrong, in one sentence."""
    return "; ".join(fault.detail for fault in refused.faults)
