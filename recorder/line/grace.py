"""The time that a silent line is given before what lives on it ends."""

import asyncio
import time
from collections.abc import Callable


class Grace:
    """Calls `expired` with the line's last real frame when no audio came for `seconds()`."""

    def __init__(self, seconds: Callable[[], float], expired: Callable[[int], None]) -> None:
        self._seconds = seconds
        self._expired = expired
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, head: int, last_ns: int) -> None:
        """The last audio, up to frame `head`, came at that moment of CLOCK_BOOTTIME."""
        self.end()
        waited = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - last_ns) / 1e9
        left = max(0.0, self._seconds() - waited)
        self._timer = asyncio.get_running_loop().call_later(left, self._expired, head)

    def end(self) -> None:
        """Audio came back, or nobody waits for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
