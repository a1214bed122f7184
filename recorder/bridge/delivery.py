"""The outbox: events on their way to brokers and receivers, each until it arrived or was given up.

Rows come into it in the transaction that writes their event, so a kill loses none; what was sent and not yet noted as
done is sent again, with the same event_id.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence

from recorder.store import deliveries, journal
from recorder.store.deliveries import Delivery, Door, Due, State
from recorder.store.store import Store

log = logging.getLogger(__name__)

TRY_FOR_S = 72 * 3600.0  # from the event, or from `again`
LAST_TRY_S = 900.0  # for those who try a last time at the end of it
CLOCK_STEP_S = 30.0  # from which on the clock was set, not merely trimmed
KEEP_EVENTS_S = 7 * 86400.0  # after the last acknowledgement
DOORS: Sequence[Door] = ("mqtt", "webhook")


class Outbox:
    """The deliveries of the box. Its methods belong to the event loop; each returns once it stands on the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._boot_time = boot_time()
        self.arrived = {door: asyncio.Event() for door in DOORS}  # set when a door has something new to do

    def wake(self) -> None:
        """Tell every door to look again."""
        for event in self.arrived.values():
            event.set()

    async def next_due(self, door: Door, *, behind: int = 0, limit: int = 100) -> list[Due]:
        """What is due at a door now, with a number above `behind`, in the order of the events."""
        await self.follow_clock()
        now = time.time()
        return await self._store.run(lambda c: deliveries.next_due(c, door, now, behind=behind, limit=limit))

    async def receivers_due(self, door: Door) -> list[str]:
        """Every receiver that something is due for now."""
        await self.follow_clock()
        now = time.time()
        return await self._store.run(lambda c: deliveries.receivers_due(c, door, now))

    async def heads_due(
        self, door: Door, receiver: str, *, skip: Collection[int], skip_urls: Collection[str], limit: int
    ) -> list[Due]:
        """The first pending delivery of each lane (recording and url) to the receiver that is due now."""
        now = time.time()
        return await self._store.run(
            lambda c: deliveries.heads_due(c, door, receiver, now, skip=skip, skip_urls=skip_urls, limit=limit)
        )

    async def next_at(self, door: Door) -> float | None:
        """The Unix time at which something falls due that is not due now; None if nothing waits."""
        now = time.time()
        return await self._store.run(lambda c: deliveries.next_at(c, door, now))

    async def done(self, delivery: int) -> None:
        """The receiver has it."""
        now = time.time()
        await self._store.run(lambda c: deliveries.done(c, delivery, now))

    async def failed(self, delivery: int, error: str, retry_at: float, *, refused: bool = False) -> None:
        """An attempt failed: it is due again at `retry_at`, and what is behind it in its lane waits with it.

        `refused`: by an answer that counts as a refusal for good, of which there may be a few only.
        """
        await self._store.run(lambda c: deliveries.failed(c, delivery, error, retry_at, refused=refused))

    async def given_up(self, delivery: int, error: str, *, gone: bool = False) -> None:
        """Stop trying. `gone`: the receiver wants no more events of this recording at this url."""
        now = time.time()
        await self._store.run(lambda c: deliveries.give_up(c, delivery, error, now, gone=gone))

    async def again(self, delivery: int) -> bool:
        """Begin anew with a settled one; False if there is none of that number."""
        now = time.time()
        found = await self._store.run(lambda c: deliveries.again(c, delivery, now))
        self.wake()
        return found

    async def listing(
        self, *, state: State | None = None, door: Door | None = None, before: int | None = None, limit: int = 100
    ) -> list[Delivery]:
        """The newest deliveries that fit, numbered below `before`."""
        return await self._store.run(
            lambda c: deliveries.listing(c, state=state, door=door, before=before, limit=limit)
        )

    async def waiting(self) -> dict[Door, dict[str, float]]:
        """By door how many are `pending` and `given_up`, and for how long the oldest pending one: `oldest_seconds`."""
        now = time.time()
        told: dict[Door, dict[str, float]] = {door: {"pending": 0, "given_up": 0} for door in DOORS}
        for door, state, count, since in await self._store.run(deliveries.waiting):
            told[door][state] = count
            if state == "pending":
                told[door]["oldest_seconds"] = round(max(0.0, now - since), 3)
        return told

    async def follow_clock(self) -> None:
        """Where the box's clock was set, as at its first contact with a time server, let nobody be late by that."""
        step = boot_time() - self._boot_time
        if abs(step) > CLOCK_STEP_S:
            self._boot_time += step
            log.warning("the clock was set by %+.0f s: what is to be delivered is timed anew", step)
            await self._store.run(lambda c: deliveries.shift(c, step))

    async def tidy(self) -> None:
        """Give up what has been in here for 72 h and nobody has tried lately; forget events told long ago."""
        await self.follow_clock()
        now = time.time()
        ahead = await self._store.run(lambda c: deliveries.return_from_ahead(c, now))
        if ahead > CLOCK_STEP_S:
            log.warning("the clock was set back by %.0f s since the last run: deliveries are timed anew", ahead)
            self.wake()
        count = await self._store.run(lambda c: deliveries.expire(c, now - TRY_FOR_S - LAST_TRY_S, now))
        if count:
            log.warning("%d deliveries given up: not possible for %g h", count, TRY_FOR_S / 3600)
        await self._store.run(lambda c: journal.prune(c, now - KEEP_EVENTS_S))


def boot_time() -> float:
    """When the box was started, by its clock as it stands now: it changes only when the clock is set."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
