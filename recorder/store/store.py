"""One thread for SQLite, with group commit.

    store = await Store.open(path, on_error=log_it)
    cursor = await store.run(lambda connection: journal.append(connection, event))    # on the disk when this returns
    store.post(lambda connection: recordings.set_state(connection, recording_id, "paused"))
    await store.close()

While one commit waits for the disk, what comes in gathers; then all of it goes into one transaction, each piece in a
savepoint of its own. So a burst costs a few syncs, not one per piece, and a lone piece waits for nobody.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from recorder.store.database import connect
from recorder.store.errors import store_error

Value = TypeVar("Value")
BATCH = 256  # pieces in one transaction at most, so that the first of a long queue is answered soon


@dataclass(frozen=True, slots=True)
class _Piece:
    """A function of the connection, and whom to tell: nobody's future means the error callback, on failure only."""

    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any] | None


class Store:
    """The database, on a thread of its own. First in, first out, whoever asked.

    Its methods belong to the event loop in which it was opened.
    """

    def __init__(self, path: Path, on_error: Callable[[Exception], None], busy_timeout_s: float) -> None:
        self._path = path
        self._on_error = on_error
        self._busy_timeout_s = busy_timeout_s
        self._loop = asyncio.get_running_loop()
        self._arrived = threading.Condition()
        self._queue: deque[_Piece] = deque()
        self._closing = False
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    @classmethod
    async def open(cls, path: Path, on_error: Callable[[Exception], None], *, busy_timeout_s: float = 5.0) -> "Store":
        """Open or make the database. StoreError says why not; `on_error` hears, in the loop, of posts that failed."""
        store = cls(path, on_error, busy_timeout_s)
        threading.Thread(target=store._live, name="store", daemon=True).start()
        await store._opened
        return store

    def run(self, work: Callable[[sqlite3.Connection], Value]) -> asyncio.Future[Value]:
        """Give work(connection) once its transaction is on the disk. What it raises undoes its own changes only.

        Its turn is taken by the call, whether or not it is awaited at once. A fault of the disk or a lock is a
        StoreError and undoes the whole group, every member of which is told.
        `work` runs on the store's thread, must not begin or end transactions, and gives plain values, no cursors.
        """
        future: asyncio.Future[Value] = self._loop.create_future()
        self._put(_Piece(work, future))
        return future

    def post(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """As run, in the same order, with nobody waiting: a failure goes to `on_error`."""
        self._put(_Piece(work, None))

    async def flushed(self) -> None:
        """Return when all that was handed in before is on the disk, or has been told as failed."""
        await self.run(lambda _connection: None)

    async def close(self) -> None:
        """Finish what was handed in and close the database. Closing twice is the same as once."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        await asyncio.shield(self._ended)

    def _put(self, piece: _Piece) -> None:
        with self._arrived:
            if self._closing:
                raise RuntimeError("the store is closed")
            self._queue.append(piece)
            self._arrived.notify()

    def _live(self) -> None:
        try:
            connection = connect(self._path, busy_timeout_s=self._busy_timeout_s)
        except Exception as error:  # noqa: BLE001 # because whoever opens the store is told, not this thread
            self._loop.call_soon_threadsafe(_settle, self._opened, error)
            return
        self._loop.call_soon_threadsafe(_settle, self._opened, None)
        while batch := self._next_batch():
            outcomes = self._commit(connection, batch)
            self._loop.call_soon_threadsafe(self._tell, batch, outcomes)
        connection.close()
        self._loop.call_soon_threadsafe(_settle, self._ended, None)

    def _next_batch(self) -> list[_Piece]:
        """Wait for pieces; an empty list is the end."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._queue or self._closing)
            return [self._queue.popleft() for _ in range(min(len(self._queue), BATCH))]

    def _commit(self, connection: sqlite3.Connection, batch: list[_Piece]) -> list[object]:
        """Run the pieces in one transaction; an outcome is a value, or the exception to raise in its stead."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._perform(connection, piece) for piece in batch]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return [store_error(error, self._path) for _ in batch]
        return outcomes

    def _perform(self, connection: sqlite3.Connection, piece: _Piece) -> object:
        connection.execute("SAVEPOINT piece")
        try:
            outcome = piece.work(connection)
        except Exception as error:
            if not connection.in_transaction and isinstance(error, sqlite3.Error):
                raise  # SQLite has undone the whole transaction, as it does when the disk fails
            connection.execute("ROLLBACK TO piece")
            outcome = store_error(error, self._path) if isinstance(error, sqlite3.Error) else error
        connection.execute("RELEASE piece")
        return outcome

    def _tell(self, batch: list[_Piece], outcomes: list[object]) -> None:
        for piece, outcome in zip(batch, outcomes, strict=True):
            if piece.future is not None:
                _settle(piece.future, outcome)
            elif isinstance(outcome, Exception):
                self._on_error(outcome)


def _settle(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():
        return  # whoever waited was cancelled
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
