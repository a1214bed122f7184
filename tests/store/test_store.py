import asyncio
import sqlite3
import threading

import pytest

from recorder.store import meta
from recorder.store.errors import StoreError
from recorder.store.store import Store


class Log:
    """Collects what posts report."""

    def __init__(self):
        self.errors = []

    def __call__(self, error):
        self.errors.append(error)


@pytest.fixture
def errors():
    return Log()


@pytest.fixture
async def store(tmp_path, errors):
    opened = await Store.open(tmp_path / "recorder.db", errors)
    yield opened
    await opened.close()


def put(key, value="1"):
    return lambda connection: meta.put(connection, key, value)


def keys(connection):
    return [row["key"] for row in connection.execute("SELECT key FROM meta ORDER BY key")]


def fail_after(work, error):
    def failing(connection):
        work(connection)
        raise error

    return failing


async def hold(store):
    """Keep the store's thread busy, so that what is handed in meanwhile gathers; returns what lets it go."""
    loop, held, free = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def wait(_connection):
        loop.call_soon_threadsafe(held.set)
        free.wait(30)

    store.post(wait)
    await held.wait()
    return free.set


async def test_run_gives_the_value_from_the_thread_of_the_store(store):
    assert await store.run(lambda _connection: threading.current_thread().name) == "store"


async def test_pieces_run_in_the_order_in_which_they_came(store):
    order = []
    for number in range(1000):
        store.post(lambda _connection, number=number: order.append(number))
    await store.flushed()
    assert order == list(range(1000))


async def test_a_run_takes_its_turn_when_it_is_called_not_when_it_is_awaited(store):
    order = []
    later = store.run(lambda _connection: order.append("called first"))
    store.post(lambda _connection: order.append("called second"))
    await store.flushed()
    await later
    assert order == ["called first", "called second"]


async def test_an_exception_undoes_its_own_piece_only(store):
    release = await hold(store)
    pieces = [
        store.run(put("a")),
        store.run(fail_after(put("b"), KeyError("mine"))),
        store.run(fail_after(put("c"), sqlite3.IntegrityError("mine too"))),
        store.run(put("d")),
    ]
    release()
    outcomes = await asyncio.gather(*pieces, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), KeyError, sqlite3.IntegrityError, type(None)]
    assert await store.run(keys) == ["a", "d"]


async def test_a_broken_constraint_is_the_caller_s_to_see(store):
    def twice(connection):
        for _ in range(2):
            connection.execute("INSERT INTO meta VALUES ('x', 'y')")

    with pytest.raises(sqlite3.IntegrityError):
        await store.run(twice)
    assert await store.run(keys) == []


async def test_what_gathers_behind_one_commit_shares_the_next(store):
    committed = []
    await store.run(lambda connection: connection.set_trace_callback(committed.append))
    release = await hold(store)
    for number in range(100):
        store.post(put(f"{number}"))
    committed.clear()
    release()
    await store.flushed()
    assert committed.count("COMMIT") <= 2  # the one that was held, and theirs
    assert len(await store.run(keys)) == 100


async def test_a_post_that_fails_is_told_and_harms_no_other(store, errors):
    store.post(put("a"))
    store.post(fail_after(put("b"), ValueError("bad")))
    store.post(put("c"))
    await store.flushed()
    assert [str(error) for error in errors.errors] == ["bad"]
    assert await store.run(keys) == ["a", "c"]


async def test_a_waiter_that_gave_up_holds_up_nobody(store):
    release = await hold(store)
    waiter = store.run(put("a"))
    waiter.cancel()
    release()
    await store.flushed()
    assert waiter.cancelled()
    assert await store.run(keys) == ["a"]


async def test_a_full_disk_fails_its_group_clearly_and_passes(store):
    pages = await store.run(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await store.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    with pytest.raises(StoreError, match=r"recorder\.db: the disk is full") as caught:
        await store.run(put("big", "x" * 1_000_000))
    assert caught.value.reason == "disk_full"
    await store.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
    await store.run(put("small"))
    assert await store.run(keys) == ["small"]


async def test_a_transaction_that_sqlite_gives_up_fails_its_whole_group(store, errors):
    await store.run(put("a"))
    release = await hold(store)
    store.post(put("b"))
    lost = store.run(lambda connection: connection.execute("INSERT OR ROLLBACK INTO meta VALUES ('a', '')"))
    release()
    with pytest.raises(sqlite3.IntegrityError):
        await lost
    assert [type(error) for error in errors.errors] == [sqlite3.IntegrityError]
    assert await store.run(keys) == ["a"]


async def test_a_piece_that_ends_the_transaction_is_told_and_the_store_goes_on(store):
    with pytest.raises(sqlite3.OperationalError):
        await store.run(lambda connection: connection.execute("COMMIT"))
    await store.run(put("a"))
    assert await store.run(keys) == ["a"]


async def test_close_finishes_what_was_handed_in(tmp_path, errors):
    path = tmp_path / "recorder.db"
    store = await Store.open(path, errors)
    for number in range(500):
        store.post(put(f"{number:03}"))
    await store.close()
    await store.close()
    with pytest.raises(RuntimeError, match="closed"):
        await store.run(keys)
    again = await Store.open(path, errors)
    assert len(await again.run(keys)) == 500
    await again.close()
    assert errors.errors == []


async def test_all_is_on_the_disk_at_each_commit(store):
    def pragmas(connection):
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

    assert await store.run(pragmas) == ["wal", 2]  # 2: FULL
