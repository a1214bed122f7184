"""What the journal has still to write, in order, however long the disk fails.

One transaction is under way at a time, and takes all that waits: so nothing overtakes what could not be written yet.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from recorder.bridge.ledger import Piece
from recorder.store.errors import StoreError, store_error
from recorder.store.store import Store

log = logging.getLogger(__name__)

AGAIN_S = 0.25


@dataclass(frozen=True, slots=True)
class _Group:
    """Pieces that are written together or not at all. `wait`: for as long as the disk fails."""

    pieces: Sequence[Piece]
    wait: bool
    written: asyncio.Future[list[Any]]


class InOrder:
    """Writes groups of pieces to the store. Its methods belong to the event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[_Group] = deque()
        self._under_way = False
        self._failing = False
        self._again: asyncio.TimerHandle | None = None

    def write(self, pieces: Sequence[Piece], *, wait: bool) -> asyncio.Future[list[Any]]:
        """Write behind all that waits; done with what the pieces give once that is on the disk, and they were told.

        Where the disk fails: with `wait` it is tried again until it does not, else the result is a StoreError.
        """
        group = _Group(pieces, wait, asyncio.get_running_loop().create_future())
        self._waiting.append(group)
        self._go_on()
        return group.written

    async def flushed(self) -> None:
        """Return when all that was asked for is written and told; StoreError: the disk fails."""
        if self._under_way or self._waiting:
            await self.write([], wait=False)

    def _go_on(self) -> None:
        if self._under_way or not self._waiting:
            return
        self._under_way = True
        groups = list(self._waiting)
        self._waiting.clear()
        done = self._store.run(partial(_work, groups))
        done.add_done_callback(partial(self._done, groups))

    def _done(self, groups: Sequence[_Group], done: asyncio.Future[list[Any]]) -> None:
        if done.cancelled():  # the loop is being left
            return
        self._under_way = False
        fault = done.exception()
        if fault is None:
            self._failing = False
            for group, outcome in zip(groups, done.result(), strict=True):
                _tell(group, outcome)
            self._go_on()
        elif isinstance(fault, StoreError):
            self._try_again(groups, fault)
        else:  # a fault of ours
            for group in groups:
                _tell(group, fault)
            self._go_on()

    def _try_again(self, groups: Sequence[_Group], fault: StoreError) -> None:
        """Tell those who do not wait, and keep the rest."""
        if not self._failing:
            self._failing = True
            log.error("journal: %s; what is to be written waits", fault)
        self._waiting.extendleft(reversed([group for group in groups if group.wait]))
        for group in groups:
            if not group.wait:
                _tell(group, fault)
        if self._again is None:
            self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._retry)

    def _retry(self) -> None:
        self._again = None
        self._go_on()


def _work(groups: Sequence[_Group], connection: sqlite3.Connection) -> list[Any]:
    """Run the groups in one transaction; an outcome is what the pieces give, or the exception that undid the group."""
    outcomes: list[Any] = []
    for group in groups:
        connection.execute("SAVEPOINT journal")
        try:
            outcomes.append([work(connection) for work, _ in group.pieces])
        except Exception as error:
            if isinstance(error, sqlite3.Error) and isinstance(store_error(error, Path()), StoreError):
                raise  # the disk's fault, and so everybody's
            log.exception("journal")
            connection.execute("ROLLBACK TO journal")
            outcomes.append(error)
        connection.execute("RELEASE journal")
    return outcomes


def _tell(group: _Group, outcome: Any) -> None:
    if isinstance(outcome, BaseException):
        if not group.written.done():
            group.written.set_exception(outcome)
            group.written.exception()  # nobody may be waiting
        return
    for (_, then), given in zip(group.pieces, outcome, strict=True):
        then(given)
    if not group.written.done():
        group.written.set_result(outcome)
