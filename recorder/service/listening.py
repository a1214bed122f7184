"""The audio thread, and the way of what it heard into the loop."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from recorder._dsp import Follower, RingReader

if TYPE_CHECKING:
    from recorder._dsp import Heard

log = logging.getLogger(__name__)

LOOKS, LOOK_EVERY_S = 20, 0.05  # a pass takes 20 ms


class Listening:
    """Follows rings on a thread of its own and hands each result, in order, to `take` in the loop."""

    def __init__(self, take: Callable[["Heard"], None], slots: int = 64) -> None:
        self._take = take
        self._follower = Follower(slots)
        self._thread = threading.Thread(target=self._follower.run, name="audio", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def passes(self) -> int:
        """Passes over all rings so far: it stands still only if the audio thread does."""
        return self._follower.passes

    def start(self) -> None:
        """Begin to follow; called in the loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._follower.fileno(), self._drain)
        self._thread.start()

    def stand_still(self) -> None:
        """A fault for tests: no more passes, as if the thread hung."""
        self._follower.stop()

    def stop(self) -> None:
        """Returns when the audio thread has ended. What waits in the queue is dropped: a restart hears it again."""
        if self._loop is not None:
            self._loop.remove_reader(self._follower.fileno())
        self._follower.stop()
        self._thread.join()

    def add(self, slot: int, ring: RingReader, first_frame: int, ear_state: bytes | None) -> None:
        """Follow `ring` under the number `slot`."""
        self._follower.add(slot, ring, first_frame, ear_state)

    def remove(self, slot: int) -> None:
        """Let go of the slot's ring; what it still had in the queue is taken first."""
        self._follower.remove(slot)
        self._drain()

    async def fault(self) -> str | None:
        """What is wrong with the audio thread: None if it goes through its rings."""
        before = self.passes
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_EVERY_S)
            if self.passes != before:
                return None
        return "it stands still"

    def _drain(self) -> None:
        for heard in self._follower.drain():
            try:
                self._take(heard)
            except Exception:
                log.exception("line %d: what was heard could not be taken", heard[1])
