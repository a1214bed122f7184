"""Who waits for events: woken when one more is in the journal."""

import asyncio


class Bell:
    """Rings once for all who wait.

    rung = bell.next()     # before looking for what is there already
    ...
    await rung
    """

    def __init__(self) -> None:
        self._next: asyncio.Future[None] | None = None

    def next(self) -> asyncio.Future[None]:
        """Done at the next ring; shared, so it is never to be cancelled."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next

    def ring(self) -> None:
        """Wake all who wait."""
        if self._next is not None:
            self._next.set_result(None)
            self._next = None
