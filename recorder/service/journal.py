"""The journal of a service: SQLite, and out of it what was told to whoever listens."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from recorder.bridge.delivery import Outbox
from recorder.bridge.ledger import Together, nobody
from recorder.bridge.webhook.target import Target
from recorder.contract.events import event_bytes
from recorder.contract.ids import made_at
from recorder.line.inputs import LineInput
from recorder.service.writing import InOrder
from recorder.store import calls, deliveries, inputs, journal, recordings
from recorder.store.store import Store


class StoreJournal:
    """The Journal of every line of a box.

    An event goes into the outbox with the transaction that writes it, for its recording's status_url and, with `mqtt`,
    for the broker. `publish` gets the JSON text of each event, in order, once it is stored. While the database fails,
    all but the desk's commands waits, and is written when it works again.
    """

    def __init__(self, store: Store, outbox: Outbox, publish: Callable[[str], None], *, mqtt: bool) -> None:
        self._writing = InOrder(store)
        self._outbox = outbox
        self._publish = publish
        self._mqtt = mqtt
        self._together: Together | None = None

    def take(self, line: str, epoch: int, entry: LineInput) -> None:
        """As Journal says."""
        self._do(lambda connection: note_input(connection, line, epoch, entry))

    def opened(self, recording_id: str, path: str, start_time: float) -> None:
        """As Journal says."""
        self._do(lambda connection: recordings.begin(connection, recording_id, path=path, started_at=start_time))

    def tell(self, payload: Mapping[str, Any]) -> None:
        """As Journal says."""
        self._do(lambda connection: note_event(connection, payload, mqtt=self._mqtt), self._told)

    def forget(self, line: str, number: int) -> None:
        """As Journal says."""
        self._do(lambda connection: inputs.prune(connection, line, number))

    async def flushed(self) -> None:
        """As Journal says."""
        await self._writing.flushed()

    @contextmanager
    def together(self) -> Iterator[Together]:
        """As Ledger says."""
        assert self._together is None
        self._together = pieces = Together()
        try:
            yield pieces
        finally:
            self._together = None
            pieces.written = self._writing.write(pieces.pieces, wait=False)

    def _do(self, work: Callable[[sqlite3.Connection], Any], then: Callable[[Any], None] = nobody) -> None:
        """Write, alone or with what is gathered now; `then` gets what the work gives, once it is on the disk."""
        if self._together is None:
            self._writing.write([(work, then)], wait=True)
        else:
            self._together.add((work, then))

    def _told(self, text: str | None) -> None:
        if text is not None:
            self._outbox.wake()
            self._publish(text)


def note_input(connection: sqlite3.Connection, line: str, epoch: int, entry: LineInput) -> None:
    """Write an input, and the row of the call or recording that it begins or ends."""
    body = dict(entry.body)
    inputs.append(connection, line, inputs.Input(entry.number, epoch, entry.frame, entry.kind, body))
    match entry.kind:
        case "call_begin":
            begin_call(connection, line, body)
        case "call_end" | "call_over":
            for call in calls.live(connection):
                if call.line == line:
                    calls.end(connection, call.call_id, time.time())
        case "start":
            recordings.add(connection, ordered(line, body))


def begin_call(connection: sqlite3.Connection, line: str, body: Mapping[str, Any]) -> None:
    """Write a new call, or what the live one carries from now on, and so its live recordings."""
    carried = {name: body[name] for name in ("project_id", "space_id", "metadata")}
    if calls.describe(connection, body["call_id"], **carried):
        recordings.describe(connection, body["call_id"], body["metadata"])
    else:
        calls.begin(connection, calls.Call(body["call_id"], line, body["since"], made_up=body["made_up"], **carried))


def ordered(line: str, body: Mapping[str, Any]) -> recordings.Recording:
    """The row of a recording that was ordered."""
    facts, parameters = body["order"]["facts"], body["order"]["parameters"]
    return recordings.Recording(
        recording_id=facts["recording_id"],
        line=line,
        call_id=facts["call_id"],
        control_id=facts["control_id"],
        format=facts["format"],
        direction=facts["direction"],
        stereo=facts["stereo"],
        rate=body["rate"],
        channels=body["channels"],
        created_at=made_at(facts["recording_id"]) or time.time(),
        parameters=dict(parameters),
        metadata=dict(body["order"]["metadata"]),
        facts=dict(facts),
    )


def note_event(connection: sqlite3.Connection, payload: Mapping[str, Any], *, mqtt: bool) -> str | None:
    """Write an event with the state that it tells and its deliveries, and give its text.

    Of one written before, the text that stands. None, and nothing is written, when the recording's start never came
    into the journal: its command was refused for that.
    """
    params, text = payload["params"], event_bytes(dict(payload)).decode()
    event = journal.Event(payload["event_id"], params["recording_id"], payload["seq"], text, payload["timestamp"])
    earlier = journal.get(connection, event.event_id)
    if earlier is not None:
        return earlier.body
    ordered_with = recordings.parameters(connection, event.recording_id)
    if ordered_with is None:
        return None
    cursor = journal.append(connection, event)
    assert cursor is not None
    for destination in destinations(ordered_with, mqtt=mqtt):
        deliveries.add(connection, cursor, event.recording_id, params["line"], destination, event.at)
    if "record" in params:
        recordings.end(connection, event.recording_id, ending(params, text))
    else:
        recordings.set_state(connection, event.recording_id, params["state"])
    return text


def destinations(parameters: Mapping[str, Any], *, mqtt: bool) -> Iterator[deliveries.Destination]:
    """Where the events of a recording go that was ordered with these."""
    if mqtt:
        yield deliveries.Destination("mqtt")
    url = parameters.get("status_url")
    if url:
        yield deliveries.Destination("webhook", url, Target.of(url).receiver)


def ending(params: Mapping[str, Any], text: str) -> recordings.Ending:
    """The end of a recording as its row has it."""
    return recordings.Ending(
        state=params["state"],
        end_reason=params["end_reason"],
        started_at=params["start_time"],
        ended_at=params["end_time"],
        duration=params["duration"],
        size=params["size"],
        kept=params["size"] > 0,
        final_event=text,
        gaps=params["gaps"],
        recovered=params["recovered"],
    )
