"""Events on their way to the broker: each until it is acknowledged, in order."""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from recorder.bridge.delivery import Outbox
from recorder.bridge.mqtt.messages import Publication, Verdict
from recorder.bridge.mqtt.topics import Topics
from recorder.store.deliveries import Delivery, Due
from recorder.store.errors import StoreError

log = logging.getLogger(__name__)

WINDOW = 16  # events sent that the broker has not acknowledged; leaves room for answers beside them
BATCH = 256  # events read from the outbox at once
QUOTA_EXCEEDED = 0x97  # MQTT 5, section 3.4.2.1: the only refusal that passes with time
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 60.0
STORE_PAUSE_S = 1.0  # when the database fails


class Events:
    """Sends what the outbox holds for MQTT. `publish` takes it; an acknowledged event is done.

    An event in flight when the connection is lost is sent again by the session itself.
    """

    def __init__(self, outbox: Outbox, topics: Topics, publish: Callable[[Publication], None]) -> None:
        self._outbox = outbox
        self._topics = topics
        self._publish = publish
        self._wake = outbox.arrived["mqtt"]
        self._ready: deque[Due] = deque()  # read from the outbox, to be sent next
        self._in_flight: set[int] = set()
        self._settling: set[asyncio.Task[None]] = set()
        self._connected = False

    def resume(self) -> None:
        """There is a connection."""
        self._connected = True
        self._wake.set()

    def pause(self) -> None:
        """There is no connection: nothing more is sent until there is."""
        self._connected = False

    async def run(self) -> None:
        """Send whatever is due, whenever it is; never returns."""
        while True:
            self._wake.clear()
            try:
                wait_s = await self._send_due()
            except StoreError as error:
                log.error("mqtt: events wait: %s", error)  # noqa: TRY400 # because the message says it all
                wait_s = STORE_PAUSE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def _send_due(self) -> float | None:
        """Fill the window; returns after how many seconds something falls due, None: not before we are woken."""
        while self._connected and len(self._in_flight) < WINDOW:
            if not self._ready:
                due = await self._outbox.next_due("mqtt", limit=BATCH)
                self._ready.extend(each for each in due if each.delivery.delivery not in self._in_flight)
            if not self._ready:
                later = await self._outbox.next_at("mqtt")
                return None if later is None else max(0.0, later - time.time())
            self._send(self._ready.popleft())
        return None

    def _send(self, due: Due) -> None:
        delivery = due.delivery

        def settled(verdict: Verdict) -> None:
            task = asyncio.create_task(self._settle(delivery, verdict))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)

        self._in_flight.add(delivery.delivery)
        topic = self._topics.of_line(delivery.line, "event")
        self._publish(Publication(topic, due.body.encode(), settled=settled))

    async def _settle(self, delivery: Delivery, verdict: Verdict) -> None:
        number = delivery.delivery
        try:
            if not verdict.is_refusal:
                await self._outbox.done(number)
            elif verdict.code == QUOTA_EXCEEDED:
                self._ready.clear()  # what is of the same recording waits with it
                await self._outbox.failed(number, verdict.name, time.time() + retry_after_s(delivery.attempts))
            else:
                error = f"refused by the broker: {verdict.name} ({verdict.code:#04x})"
                log.warning("mqtt: event %s is passed over: %s", delivery.event_id, error)
                await self._outbox.given_up(number, error)
        except StoreError as error:
            log.error("mqtt: event %s will be sent again: %s", delivery.event_id, error)  # noqa: TRY400 # because the message says it all
            await asyncio.sleep(STORE_PAUSE_S)
        finally:
            self._in_flight.discard(number)
            self._wake.set()


def retry_after_s(attempts: int) -> float:
    """The wait after so many failed attempts before this one, with jitter."""
    longest: float = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(attempts, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 # because it is jitter, and no secret
