"""What the journal writes while the disk fails: it waits in order, and who can't wait is told."""

import sqlite3
from pathlib import Path

import pytest

from recorder.bridge.ledger import Piece
from recorder.service.writing import InOrder
from recorder.store.errors import StoreError
from recorder.store.store import Store


class Disk:
    """Says in a transaction whether it fails, and keeps what was told after it."""

    def __init__(self) -> None:
        self.fails = False
        self.told: list[str] = []

    def piece(self, name: str) -> Piece:
        def work(connection: sqlite3.Connection) -> str:
            connection.execute("INSERT INTO meta VALUES (?, '')", (name,))
            connection.execute(f"PRAGMA max_page_count = {1 if self.fails else 1 << 30}")
            connection.execute("INSERT INTO meta VALUES (?, ?)", (f"{name}'s", "x" * 100_000))
            return name

        return work, self.told.append


async def test_what_waits_is_written_in_order_when_the_disk_works_again(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "recorder.db", print)
    disk, writing = Disk(), InOrder(store)
    disk.fails = True
    first = writing.write([disk.piece("first")], wait=True)
    with pytest.raises(StoreError) as fault:
        await writing.write([disk.piece("asked"), disk.piece("too")], wait=False)
    assert fault.value.reason == "disk_full"
    second = writing.write([disk.piece("second")], wait=True)
    assert not first.done()
    assert disk.told == []
    disk.fails = False
    await second
    await writing.write([disk.piece("third")], wait=False)
    assert disk.told == ["first", "second", "third"]
    names = await store.run(lambda c: [row[0] for row in c.execute("SELECT key FROM meta ORDER BY key")])
    assert {"first", "second", "third"} <= set(names)
    assert "asked" not in names
    await store.close()


async def test_a_fault_of_one_group_is_its_own(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "recorder.db", print)
    disk, writing = Disk(), InOrder(store)
    await writing.write([disk.piece("once")], wait=True)
    twice = writing.write([disk.piece("new"), disk.piece("once")], wait=True)
    after = writing.write([disk.piece("after")], wait=True)
    with pytest.raises(sqlite3.IntegrityError):
        await twice
    await after
    assert disk.told == ["once", "after"]
    await store.close()
