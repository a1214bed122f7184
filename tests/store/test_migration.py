"""Databases that older versions left come up to the newest schema with all that was in them."""

import sqlite3
from pathlib import Path

import pytest

from recorder.store import calls, deliveries, inputs, journal, listing, meta, recordings, retention
from recorder.store.database import connect
from recorder.store.listing import Filter
from recorder.store.schema import migrations

DATABASES = sorted((Path(__file__).parent / "databases").glob("*.sql"))
FINISHED = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
LIVE = "0190a1b2-c3d5-7e5f-8a9b-0c1d2e3f4a5b"
ERASED = "0190a1b2-c3d6-7e5f-8a9b-0c1d2e3f4a5b"


@pytest.fixture(params=DATABASES, ids=lambda file: file.stem)
def migrated(request, tmp_path):
    path = tmp_path / "recorder.db"
    old = sqlite3.connect(path)
    old.executescript(request.param.read_text())
    old.close()
    connection = connect(path)
    yield int(request.param.stem), connection
    connection.close()


def test_every_older_schema_is_kept_as_a_database():
    assert [int(file.stem) for file in DATABASES] == list(range(1, max(migrations())))


def test_what_was_in_it_is_all_there(migrated):
    version, connection = migrated
    assert connection.execute("PRAGMA user_version").fetchone()[0] == max(migrations())
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert meta.get(connection, "link_key") == "ab" * 32
    assert calls.newest(connection, "call-1").metadata == {"caller": "Zoë"}
    assert [call.call_id for call in calls.live(connection)] == ["call-2"]
    found = recordings.get(connection, FINISHED)
    assert (found.duration, found.size, found.end_reason) == (10.0, 320044, "terminator")
    assert (found.gaps, found.metadata) == ([{"start": 1.5, "duration": 0.25}], {"caller": "Zoë"})
    assert (found.sha256, found.held_at) == (None, None)
    assert found.facts["url"].startswith("http://127.0.0.1:8080/recordings/")
    assert [live.recording_id for live in recordings.live(connection)] == [LIVE]
    assert [given.ring_epoch for given in inputs.after(connection, "front", 0)] == [2**64 - 1]
    assert [event.seq for event in journal.of_recording(connection, FINISHED)] == [0, 1]
    pending = [delivery.event_id for delivery in deliveries.listing(connection, state="pending")]
    assert pending == (["e2"] if version >= 2 else [])
    erased = [left.recording_id for left in listing.page(connection, Filter(erased=True))]
    assert erased == ([ERASED] if version >= 3 else [])


def test_what_it_kept_is_counted(migrated):
    assert [(group.line, group.format, group.bytes) for group in retention.groups(migrated[1])] == [
        ("front", "wav", 320044)
    ]


def test_it_is_listed_by_time_as_before(migrated):
    ordered = 1720699765.0  # the second of the ids
    page = listing.page(migrated[1], Filter(line="front", since=ordered, until=ordered + 1))
    assert [each.recording_id for each in page] == [LIVE, FINISHED]
    assert listing.page(migrated[1], Filter(until=ordered)) == []
