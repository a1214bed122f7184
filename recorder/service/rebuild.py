"""`recorder store rebuild`: the catalogue, made again out of what stands beside the recordings."""

import json
import os
import pwd
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from recorder.config.model import Config
from recorder.contract.events import Ending, RecordingFacts, event_bytes, record_event
from recorder.contract.faults import Refused
from recorder.contract.ids import call_id, made_at
from recorder.contract.json_text import MOST_BYTES, read_json
from recorder.contract.sidecars import Kept, parse_sidecar
from recorder.contract.values import Unfit
from recorder.service import identity, strangers
from recorder.service.directories import DATABASE
from recorder.service.links import links_of
from recorder.service.lock import state_lock
from recorder.store import calls, meta, recordings
from recorder.store.database import connect
from recorder.store.errors import StoreError
from recorder.store.recordings import Recording
from recorder.writers import formats
from recorder.writers.part import open_to_read
from recorder.writers.recovery import growing, left, whole
from recorder.writers.sidecar import sidecar_path
from recorder.writers.writer import Audio, Tags

BATCH = 500  # recordings in one transaction
FARTHEST_START_S = 86400.0  # of a first frame from the command: a beep, a pre-roll, a clock that is set meanwhile


class Unusable(ValueError):
    """What a file or its sidecar says can't be catalogued; the message says why."""


@dataclass(slots=True)
class Tally:
    """What came of a rebuild. `refused` says of each file that was left why; `growing` are left to the next start."""

    from_sidecars: int = 0
    from_files: int = 0
    known: int = 0
    growing: int = 0
    set_aside: Path | None = None  # the damaged database
    refused: list[tuple[Path, str]] = field(default_factory=list)


def rebuild(config: Config, told: Callable[[Path, str], None] = lambda _path, _why: None) -> Tally:
    """Catalogue every recording that stands on the disk and is not known; `told` hears of each that is refused.

    What is known stays as it is, so a repeat changes nothing. A damaged database is set aside, and a new one made.
    FileNotFoundError: there is no recordings_dir; NotADirectoryError: state_dir is none; PermissionError: they are
    another user's; FileExistsError: the service runs; StoreError: the database is not ours, of a newer version, or the
    disk fails.
    """
    prepare(config)
    with state_lock(config.state_dir):
        tally = Tally()
        path = config.state_dir / DATABASE
        if is_damaged(path):
            salvage(path, config.state_dir / identity.NAME)
            tally.set_aside = set_aside(path)
        with closing(connect(path)) as connection:
            work = Rebuild(connection, config, tally, told)
            work.run()
    return tally


def prepare(config: Config) -> None:
    """Make a state_dir that was lost; refuse what can only be a mistake: no recordings, or another user's."""
    root, state = config.recordings_dir, config.state_dir
    if not root.is_dir():
        raise FileNotFoundError(f"recordings_dir: {root} is no directory: there is nothing to catalogue")
    if state.exists() and not state.is_dir():
        raise NotADirectoryError(f"state_dir: {state} is no directory")
    known = state if state.exists() else root
    owner = known.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        raise PermissionError(f"{known} belongs to {user_name(owner)}: run this as that user (sudo -u)")
    state.mkdir(mode=0o750, parents=True, exist_ok=True)


def user_name(uid: int) -> str:
    """The user's name, or the number of one without."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class Rebuild:
    """One rebuild, over an open database."""

    def __init__(
        self, connection: sqlite3.Connection, config: Config, tally: Tally, told: Callable[[Path, str], None]
    ) -> None:
        self._connection = connection
        self._config = config
        self._tally = tally
        self._told = told
        self._itself = identity.ensure(connection, config.state_dir / identity.NAME)
        self._links = links_of(config, self._itself)

    def run(self) -> None:
        """Catalogue all, a batch at a time."""
        root = self._config.recordings_dir
        self._tally.growing = len(growing(left(root)))
        found = whole(root)
        for first in range(0, len(found), BATCH):
            self._connection.execute("BEGIN IMMEDIATE")
            for path in found[first : first + BATCH]:
                try:
                    self._take(path)
                except (Unusable, OSError) as error:
                    why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
                    self._tally.refused.append((path, why))
                    self._told(path, why)
            self._connection.execute("COMMIT")

    def _take(self, path: Path) -> None:
        earlier = recordings.get(self._connection, path.stem)
        if earlier is not None:
            if earlier.path is not None and Path(earlier.path) != path and Path(earlier.path).exists():
                raise Unusable(f"{earlier.path} is this recording's file already")
            if earlier.erased_at is not None:
                raise Unusable("the recording was erased: its file can be deleted")
            self._tally.known += 1
            return
        if made_at(path.stem) is None:
            raise Unusable("its name is no id of a recorder's: no UUIDv7")
        beside = sidecar_path(path)
        if os.path.lexists(beside):
            row, call = self._of_sidecar(path, read_sidecar(beside, path))
            self._tally.from_sidecars += 1
            if calls.newest(self._connection, call.call_id) is None:
                calls.begin(self._connection, call)
        else:
            row = self._of_file(path)
            self._tally.from_files += 1
        recordings.add(self._connection, row)

    def _of_sidecar(self, path: Path, kept: Kept) -> tuple[Recording, calls.Call]:
        exp = kept.exp
        url = None if exp is None else self._links.again(path.stem, kept.facts.format, exp)
        facts = replace(kept.facts, url=url)
        audio = look(path)
        event = with_link(kept, url)
        row = strangers.row_of(
            path,
            facts,
            made_at(facts.recording_id) or kept.started_at,
            rate=audio.rate,
            channels=audio.channels,
            state=kept.state,
            parameters=dict(kept.parameters),
            metadata=dict(kept.metadata),
            started_at=kept.started_at,
            ended_at=kept.ended_at,
            duration=kept.duration,
            size=audio.size,
            end_reason=kept.end_reason,
            gaps=kept.gaps,
            recovered=kept.recovered,
            final_event=event,
        )
        call = calls.Call(
            facts.call_id,
            facts.line,
            kept.started_at,
            facts.project_id,
            facts.space_id,
            dict(kept.metadata),
            ended_at=kept.ended_at,
        )
        return row, call

    def _of_file(self, path: Path) -> Recording:
        """What a file without a sidecar tells of itself: how long it is, when it was ordered, perhaps of what call."""
        audio = look(path)
        tags = believed(audio.tags, path.stem)
        config, format_ = self._config, path.suffix.removeprefix(".")
        url = self._links.make(path.stem, format_, time.time())
        names = {"project_id": config.project_id or self._itself["project_id"], "space_id": config.space_id}
        facts = strangers.facts(path.stem, format_, node_id=config.node_id, url=url, **names)
        facts = replace(facts, stereo=audio.channels > 1, call_id=tags.call_id if tags else facts.call_id)
        row = strangers.stranger(path, facts, rate=audio.rate, channels=audio.channels)
        start = tags.start_time if tags else row.created_at
        ending = ending_of(start, audio.frames / audio.rate, audio.size)
        return replace(
            row,
            state="finished",
            started_at=start,
            ended_at=ending.end_time,
            duration=ending.duration,
            size=ending.size,
            end_reason=ending.end_reason,
            gaps=[],
            recovered=True,
            final_event=final_event(facts, ending),
        )


def believed(tags: Tags | None, recording_id: str) -> Tags | None:
    """The tags of that recording's file, if they are its own and may be true."""
    if tags is None or tags.recording_id != recording_id:
        return None
    if abs(tags.start_time - (made_at(recording_id) or 0.0)) > FARTHEST_START_S:
        return None
    try:
        call_id(tags.call_id)
    except Unfit:
        return None
    return tags


def ending_of(start: float, duration: float, size: int) -> Ending:
    """The end of a recording of which nobody knows how it ended."""
    return Ending(
        end_reason="interrupted",
        duration=duration,
        size=size,
        start_time=start,
        end_time=start + duration,
        recovered=True,
    )


def final_event(facts: RecordingFacts, ending: Ending) -> str:
    """The last event of such a recording, as its row keeps it; nobody is told of it."""
    event = record_event(facts, seq=0, state="finished", timestamp=time.time(), clock_synced=True, ending=ending)
    return event_bytes(event).decode()


def with_link(kept: Kept, url: str | None) -> str:
    """The last event as it was told, with its links."""
    event = json.loads(json.dumps(kept.event))
    if url is not None:
        event["params"]["url"] = url
        event["params"]["record"] = {"url": url, **event["params"]["record"]}
    return event_bytes(event).decode()


def look(path: Path) -> Audio:
    """What the file holds. Raises Unusable, OSError."""
    try:
        audio = formats.look(path)
    except ValueError as error:
        raise Unusable(f"no audio: {error}") from error
    if audio.rate <= 0 or audio.channels not in (1, 2):
        raise Unusable("no audio of a recorder's")
    return audio


def read_sidecar(beside: Path, audio: Path) -> Kept:
    """The sidecar of an audio file. Raises Unusable, OSError."""
    with open_to_read(beside) as file:
        text = file.read(MOST_BYTES + 1)
    try:
        return parse_sidecar(read_json(text), audio.stem, audio.suffix.removeprefix("."))
    except Refused as refused:
        raise Unusable(f"{beside.name}: {'; '.join(fault.detail for fault in refused.faults)}") from refused


def is_damaged(path: Path) -> bool:
    """Whether the database is there and can't be relied on. StoreError: it is not ours to judge."""
    if not path.exists():
        return False
    try:
        with closing(connect(path)) as connection:
            return [row[0] for row in connection.execute("PRAGMA integrity_check(1)")] != ["ok"]
    except StoreError as error:
        if error.reason != "corrupt":
            raise
    except sqlite3.Error:
        pass
    return True


def salvage(path: Path, identity_path: Path) -> None:
    """Keep the damaged database's word on who this installation is, where it can still be read."""
    if identity.read(identity_path):
        return
    known = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        known = {name: value for name in identity.NAMES if (value := meta.get(connection, name)) is not None}
    if known:
        identity.write(identity_path, known)


def set_aside(path: Path) -> Path:
    """Give the damaged database another name, with what belongs to it; which one."""
    number = next(n for n in range(1, 1 << 30) if not path.with_name(f"{path.name}.damaged-{n}").exists())
    aside = path.with_name(f"{path.name}.damaged-{number}")
    for tail in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + tail).rename(aside.with_name(aside.name + tail))
    return aside


def lines_of(tally: Tally) -> Iterator[str]:
    """The tally in words."""
    if tally.set_aside is not None:
        yield f"the damaged database is now {tally.set_aside}"
    yield f"catalogued from sidecars: {tally.from_sidecars}"
    yield f"catalogued from the files alone: {tally.from_files}"
    yield f"known before: {tally.known}"
    yield f"refused and left: {len(tally.refused)}"
    yield f"growing, left to the next start of the service: {tally.growing}"


def faults_of(tally: Tally) -> Sequence[str]:
    """Each refused file with the reason."""
    return [f"{path}: {why}" for path, why in tally.refused]
