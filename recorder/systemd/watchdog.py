"""The watchdog: the manager hears from us while what must move, moves."""

import asyncio
import logging
from collections.abc import Callable

from recorder.systemd.notify import Manager

log = logging.getLogger(__name__)

TIMES = 4  # in the time that the manager allows: one that is missed does no harm
SELDOM_S = 1.0


async def keep_alive(manager: Manager, moved: Callable[[], bool], status: Callable[[], str]) -> None:
    """Tell the manager that we live each time `moved` says so, and the status; never returns.

    That this runs at all says that the loop does. `moved` says whether the rest has done something since it was asked
    last; a line without audio is no reason to say no.
    """
    every_s = SELDOM_S if manager.watchdog_s is None else min(SELDOM_S, manager.watchdog_s / TIMES)
    stands = False
    while True:
        manager.status(status())
        if moved():
            manager.alive()
            stands = False
        elif not stands:
            log.critical("the service stands still: the watchdog is told no more")
            stands = True
        await asyncio.sleep(every_s)


def as_steps(count: Callable[[], int]) -> Callable[[], bool]:
    """Whether a counter has gone on since it was looked at last."""
    before = [-1]

    def moved() -> bool:
        before[0], last = count(), before[0]
        return before[0] != last

    return moved
