"""Files of recordings that the catalogue does not know: what can be said of them."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from recorder.contract.events import RecordingFacts
from recorder.contract.ids import made_at
from recorder.store import recordings
from recorder.store.recordings import Recording

if TYPE_CHECKING:
    from recorder.contract.parameters import Format

UNKNOWN = "unknown"  # the line and the call of a recording that nobody can tell of
FactsOf: TypeAlias = Callable[[str, str], RecordingFacts]  # recording_id, format


def facts(
    recording_id: str, format_: str, *, node_id: str, project_id: str, space_id: str, url: str | None
) -> RecordingFacts:
    """What is told of such a recording; whether it is stereo, the file says."""
    return RecordingFacts(
        node_id=node_id,
        line=UNKNOWN,
        project_id=project_id,
        space_id=space_id,
        call_id=UNKNOWN,
        control_id=recording_id,
        recording_id=recording_id,
        url=url,
        format=cast("Format", format_),
        direction="both",
        stereo=False,
    )


def nameless(recording_id: str, format_: str) -> RecordingFacts:
    """The facts of a recording of a box without a name and a door."""
    return facts(recording_id, format_, node_id="recorder", project_id="", space_id="", url=None)


def take_in(connection: sqlite3.Connection, paths: Sequence[Path], facts_of: FactsOf) -> None:
    """Add a row, as of a recording that lives, for each of these files whose recording is not known."""
    for path in paths:
        if recordings.get(connection, path.stem) is None:
            recordings.add(connection, stranger(path, facts_of(path.stem, path.suffix.removeprefix("."))))


def stranger(path: Path, told: RecordingFacts, **more: Any) -> Recording:
    """The row of a recording that was found at `path`."""
    ordered = made_at(told.recording_id) or path.parent.stat().st_mtime
    known = {"rate": 8000, "channels": 1, "state": "recording", "started_at": ordered, **more}
    return row_of(path, told, ordered, **known)


def row_of(path: Path, told: RecordingFacts, ordered: float, **more: Any) -> Recording:
    """The row of the recording at `path` that was ordered then, with what else is known of it."""
    return Recording(
        recording_id=told.recording_id,
        line=told.line,
        call_id=told.call_id,
        control_id=told.control_id,
        format=told.format,
        direction=told.direction,
        stereo=told.stereo,
        created_at=ordered,
        facts=asdict(told),
        path=str(path),
        **more,
    )
