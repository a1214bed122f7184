"""The hash of each file comes into the catalogue, by and by, and not while the box is busy."""

import asyncio
import hashlib
from contextlib import asynccontextmanager

import pytest

from recorder.contract.ids import new_recording_id
from recorder.service import hashing, strangers
from recorder.service.hashing import Hashing
from recorder.store import erasing, recordings
from recorder.store.store import Store


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    monkeypatch.setattr(hashing, "REST_S", 0.01)


@pytest.fixture
async def store(tmp_path):
    opened = await Store.open(tmp_path / "recorder.db", print)
    yield opened
    await opened.close()


async def kept(store, folder, content, number=0):
    name = new_recording_id((1_780_000_000 + number) * 10**9)
    path = folder / f"{name}.wav"
    if content is not None:
        path.write_bytes(content)
    row = strangers.stranger(path, strangers.nameless(name, "wav"), state="finished", ended_at=1.0, size=1)
    await store.run(lambda connection: recordings.add(connection, row))
    return name


@asynccontextmanager
async def at_work(store, is_busy=lambda: False):
    task = asyncio.create_task(Hashing(store, is_busy).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def hash_of(store, name):
    return (await store.run(lambda connection: recordings.get(connection, name))).sha256


async def until_hashed(store, name):
    async with asyncio.timeout(10):
        while (found := await hash_of(store, name)) is None:  # noqa: ASYNC110 # because it is of the database
            await asyncio.sleep(0.01)
        return found


async def test_every_file_gets_its_hash_also_behind_one_that_is_away(store, tmp_path):
    large = bytes(range(256)) * 10_000
    away = await kept(store, tmp_path, None, 0)
    names = {await kept(store, tmp_path, content, 1 + n): content for n, content in enumerate([b"", b"abc", large])}
    async with at_work(store):
        for name, content in names.items():
            assert await until_hashed(store, name) == hashlib.sha256(content).hexdigest()
        late = await kept(store, tmp_path, b"late", 9)
        assert await until_hashed(store, late) == hashlib.sha256(b"late").hexdigest()
    assert await hash_of(store, away) is None


async def test_one_that_was_away_is_looked_at_again(store, tmp_path, monkeypatch):
    monkeypatch.setattr(hashing, "ROUND_S", 0.05)
    away = await kept(store, tmp_path, None)
    async with at_work(store):
        later = await kept(store, tmp_path, b"x", 1)
        await until_hashed(store, later)
        (tmp_path / f"{away}.wav").write_bytes(b"back")
        assert await until_hashed(store, away) == hashlib.sha256(b"back").hexdigest()


async def test_a_busy_box_hashes_nothing(store, tmp_path):
    name = await kept(store, tmp_path, b"abc")
    busy, asked = True, asyncio.Event()

    def is_busy():
        asked.set()
        return busy

    async with at_work(store, is_busy):
        for _ in range(3):
            asked.clear()
            await asked.wait()
        assert await hash_of(store, name) is None
        busy = False
        await until_hashed(store, name)


async def test_what_is_erased_keeps_no_hash(store, tmp_path):
    name = await kept(store, tmp_path, b"abc")
    async with at_work(store):
        await until_hashed(store, name)
    await store.run(lambda connection: erasing.erase(connection, name, at=1.0, why=""))
    assert await hash_of(store, name) is None
