"""What an earlier run of the service left and nobody can go on with: recordings are closed and told, calls ended."""

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from recorder.contract.events import Ending, RecordingFacts, record_event
from recorder.contract.links import expiry
from recorder.line.journal import Journal
from recorder.recording.actions import Gaps, TellState
from recorder.recording.inputs import Abandoned
from recorder.recording.machine import Machine
from recorder.service.strangers import UNKNOWN, FactsOf, nameless, take_in
from recorder.store import calls, recordings
from recorder.store import journal as events
from recorder.store.store import Store
from recorder.writers import formats
from recorder.writers.closing import seal
from recorder.writers.erasing import erase
from recorder.writers.errors import WriteError
from recorder.writers.recovery import Recovered, growing, recover
from recorder.writers.recovery import left as left_below
from recorder.writers.sidecar import sidecar

log = logging.getLogger(__name__)

Reason = Literal["shutdown", "interrupted"]


@dataclass(frozen=True, slots=True)
class Leftover:
    """A recording that the store believes alive, and the seq of its next event."""

    row: recordings.Recording
    next_seq: int


async def close_leftovers(
    store: Store,
    journal: Journal,
    root: Path,
    held: Container[str],
    machines: Mapping[str, Mapping[str, Any]],
    *,
    reason: Reason,
    clock_synced: Callable[[], bool],
    facts_of: FactsOf = nameless,
) -> None:
    """End every recording that lives in the store or on the disk, but those in `held`: they are picked up.

    `machines` are those of checkpoints that can't be gone on with: they know the gaps that are in the files. What the
    store does not know is taken in first, with `facts_of` it, so that it is told whatever comes between.
    """
    paths = left_below(root)
    on_disk = [path for path in growing(paths) if path.stem not in held]
    await store.run(partial(take_in, paths=on_disk, facts_of=facts_of))
    left = await store.run(lambda connection: find(connection, held))
    files = {found.recording_id: found for found in recover(root, held, paths)}
    for each in left:
        found = files.pop(each.row.recording_id, None) or finished_before(each.row)
        leftover = await store.run(partial(shaped, leftover=each, found=found))
        gaps = gaps_in_file(machines.get(leftover.row.recording_id), 0 if found is None else found.frames)
        event = last_event(leftover, found, gaps, reason=reason, clock_synced=clock_synced())
        if found is not None and found.frames:
            seal_recovered(found.path, beside_of(event, leftover.row))
        journal.tell(event)
        log.warning("recording %s: closed at the start, %s", leftover.row.recording_id, reason)
    for known in files.values():
        await finish_ended(store, known)
    await journal.flushed()


async def end_lost_calls(store: Store, picked_up: Container[str]) -> None:
    """End the calls that live in the store, but on the lines that were picked up, which know theirs."""

    def end(connection: sqlite3.Connection) -> None:
        for call in calls.live(connection):
            if call.line not in picked_up:
                calls.end(connection, call.call_id, time.time())

    await store.run(end)


def shaped(connection: sqlite3.Connection, leftover: Leftover, found: Recovered | None) -> Leftover:
    """The leftover, of one that was taken in with the shape that its file has."""
    if found is None or leftover.row.line != UNKNOWN or not found.rate:
        return leftover
    row = leftover.row
    stereo, direction = found.channels > 1, "both"
    facts = {**row.facts, "stereo": stereo, "direction": direction}
    row = replace(row, rate=found.rate, channels=found.channels, stereo=stereo, direction=direction, facts=facts)
    recordings.set_shape(connection, row)
    return replace(leftover, row=row)


def beside_of(event: Mapping[str, Any], row: recordings.Recording) -> dict[str, Any]:
    """The sidecar of a recording that ended so."""
    return sidecar(event, row.parameters, row.metadata, expiry(row.facts.get("url")))


async def finish_ended(store: Store, found: Recovered) -> None:
    """A part of one that was told as ended: it gets its name and sidecar, or goes, if none of it was to be kept."""
    row, beside = await store.run(partial(as_told, recording_id=found.recording_id))
    if row is None or (row.erased_at is None and row.path is not None):
        if found.frames:
            seal_recovered(found.path, beside)
            log.warning("recording %s: had ended, and is closed at the start", found.recording_id)
        return
    try:
        erase(found.path)
    except WriteError as error:
        log.error("recovery: %s", error)  # noqa: TRY400 # because the message says all


def as_told(
    connection: sqlite3.Connection, recording_id: str
) -> tuple[recordings.Recording | None, dict[str, Any] | None]:
    """What the store knows of a recording, and the sidecar that its last event makes."""
    row, told = recordings.get(connection, recording_id), events.of_recording(connection, recording_id)
    return row, beside_of(json.loads(told[-1].body), row) if row is not None and told else None


def find(connection: sqlite3.Connection, held: Container[str]) -> list[Leftover]:
    """The recordings that live in the store and are not held."""
    return [
        Leftover(row, len(events.of_recording(connection, row.recording_id)))
        for row in recordings.live(connection)
        if row.recording_id not in held
    ]


def finished_before(row: recordings.Recording) -> Recovered | None:
    """The file of one that was sealed when the end came, before its end was told."""
    path = None if row.path is None else Path(row.path)
    if path is None or not path.exists():
        return None
    try:
        audio = formats.look(path)
    except (OSError, ValueError) as error:
        log.error("recovery: %s: %s", path, error)  # noqa: TRY400 # because the message says all
        return None
    return Recovered(row.recording_id, path, audio.frames, audio.rate, audio.channels, audio.size)


def gaps_in_file(machine: Mapping[str, Any] | None, frames: int) -> Gaps:
    """The gaps that the recording's machine knew of, in a file of so many frames."""
    if machine is None:
        return Gaps()
    try:
        left = Machine.load(machine)
    except (ValueError, LookupError, TypeError):  # of another version
        return Gaps()
    told = [action for action in left.handle(Abandoned("interrupted", frames)) if isinstance(action, TellState)]
    ending = told[-1].ending
    return Gaps() if ending is None else ending.gaps


def last_event(
    leftover: Leftover, found: Recovered | None, gaps: Gaps, *, reason: Reason, clock_synced: bool
) -> dict[str, Any]:
    """The event that ends it: `finished` with what is on the disk, `error` where there is no audio."""
    row = leftover.row
    frames = 0 if found is None else found.frames
    duration = frames / row.rate
    start = row.started_at or row.created_at
    ending = Ending(
        end_reason=reason if frames else "interrupted",
        duration=duration,
        size=0 if found is None else found.size,
        start_time=start,
        end_time=start + duration,
        kept=frames > 0,
        gaps=[(first / row.rate, length / row.rate) for first, length in gaps.first],
        gap_count=gaps.count,
        gap_seconds=gaps.frames / row.rate,
        recovered=True,
        message="" if frames else "the service ended before any audio was on the disk",
    )
    return record_event(
        RecordingFacts(**row.facts),
        seq=leftover.next_seq,
        state="finished" if frames else "error",
        timestamp=time.time(),
        clock_synced=clock_synced,
        ending=ending,
    )


def seal_recovered(path: Path, beside: dict[str, Any] | None) -> None:
    """Give the mended file its name; what keeps it from that is logged, and the part stays."""
    try:
        seal(path, beside)
    except WriteError as error:
        log.error("recovery: %s", error)  # noqa: TRY400 # because the message says all
