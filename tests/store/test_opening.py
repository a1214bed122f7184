import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from recorder.store import database, schema
from recorder.store.database import connect
from recorder.store.errors import StoreError
from recorder.store.store import Store

WRITER = """
import asyncio, sys
from pathlib import Path
from recorder.store import meta
from recorder.store.store import Store

async def main(path, name):
    store = await Store.open(Path(path), print, busy_timeout_s=30)
    for number in range(int(sys.argv[3])):
        key = f"{name}{number:06}"
        await store.run(lambda connection: meta.put(connection, key, "kept"))
        print(key, flush=True)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recorder.db"


def writing(path, name, count):
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kept(path):
    connection = connect(path)
    found = {row["key"] for row in connection.execute("SELECT key FROM meta")}
    connection.close()
    return found


def refusal(path):
    with pytest.raises(StoreError) as caught:
        connect(path)
    assert str(path) in str(caught.value)
    return caught.value.reason


def test_what_was_told_as_kept_is_there_after_a_kill(path):
    told = set()
    for life in range(5):
        process = writing(path, f"life{life}-", 1_000_000)
        told |= {process.stdout.readline().strip() for _ in range(20)}
        process.kill()
        told |= set(process.communicate()[0].split("\n")[:-1])  # but for a line cut short
        assert told <= kept(path)
    assert len(told) >= 100


def test_two_processes_on_one_database_lose_nothing(path):
    both = [writing(path, "a", 100), writing(path, "b", 100)]
    for process in both:
        process.communicate()
    assert [process.returncode for process in both] == [0, 0]
    assert len(kept(path)) == 200


async def test_a_database_held_by_another_is_said_to_be_locked_and_works_again(path):
    store = await Store.open(path, print, busy_timeout_s=0.05)
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process holds") as caught:
        await store.run(lambda _connection: None)
    assert caught.value.reason == "locked"
    other.execute("ROLLBACK")
    other.close()
    assert await store.run(lambda _connection: "again") == "again"
    await store.close()


def test_files_are_not_for_others_whatever_the_umask(path):
    before = os.umask(0)
    try:
        connection = connect(path)
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(["recorder.db", "recorder.db-wal", "recorder.db-shm"], database.MODE)
    connection.close()


def test_a_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"no database, by no means" * 1000)
    assert refusal(path) == "corrupt"


def test_a_damaged_database_is_refused(path):
    connect(path).close()
    damaged = bytearray(path.read_bytes())
    damaged[100:4096] = os.urandom(3996)
    path.write_bytes(damaged)
    assert refusal(path) == "corrupt"


def test_the_database_of_another_program_is_refused(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    assert refusal(path) == "foreign"


def test_a_database_of_a_newer_version_is_refused(path):
    connection = connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert refusal(path) == "newer"


def test_a_missing_directory_is_refused(tmp_path):
    assert refusal(tmp_path / "nowhere" / "recorder.db") == "io"


async def test_a_refusal_reaches_whoever_opens_the_store(path):
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="no SQLite database"):
        await Store.open(path, print)


def test_each_schema_file_is_applied_once_and_whole(path, tmp_path, monkeypatch):
    connect(path).close()
    ours = schema.migrations()
    newest = len(ours)
    good = tmp_path / "good.sql"
    bad = tmp_path / "bad.sql"
    good.write_text("CREATE TABLE good (x TEXT DEFAULT 'a;b');\n")
    bad.write_text("CREATE TABLE bad (x);\nINSERT INTO nowhere VALUES (1);\n")
    monkeypatch.setattr(schema, "migrations", lambda: {**ours, newest + 1: good, newest + 2: bad})
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        connect(path)
    raw = sqlite3.connect(path)
    tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    raw.close()
    assert "good" in tables
    assert "bad" not in tables
    assert version == newest + 1


def test_schema_files_are_numbered_without_a_hole():
    assert sorted(schema.migrations()) == list(range(1, len(schema.migrations()) + 1))


def test_a_schema_file_cut_short_is_refused():
    with pytest.raises(ValueError, match="middle of a statement"):
        list(schema.statements("CREATE TABLE a (x);\nCREATE TABLE"))
