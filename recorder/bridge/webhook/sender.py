"""The door to status_url: every event that has one is sent there until it arrived.

In a lane, the events of one recording for one url, they go out one after another. Lanes go out side by side, few to one
url, some more to one receiver and some hundred in all, so that whoever is slow holds up nobody but himself.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable

from recorder.bridge.delivery import Outbox
from recorder.bridge.webhook.addresses import Judge
from recorder.bridge.webhook.post import NoAnswer, Poster
from recorder.bridge.webhook.retries import Again, Done, GiveUp, Outcome, judge_reply, judge_silence
from recorder.bridge.webhook.signatures import Signer
from recorder.bridge.webhook.target import Target, shown
from recorder.store.deliveries import Delivery, Due
from recorder.store.errors import StoreError

log = logging.getLogger(__name__)

MOST_TO_A_URL = 4
MOST_TO_A_RECEIVER = 16
MOST = 256
AFTER_A_FAULT_S = 5.0  # of ours: the store could not be asked or told
STOPS_WITHIN_S = 1.0  # what is under way by then is sent again after the next start


class Webhooks:
    """Sends what the outbox holds for webhooks, from start to stop. Belongs to the event loop."""

    def __init__(
        self, outbox: Outbox, poster: Poster, signer: Signer, chance: Callable[[], float] = random.random
    ) -> None:
        self._outbox = outbox
        self._poster = poster
        self._signer = signer
        self._chance = chance
        self._look = outbox.arrived["webhook"]
        self._under_way: dict[int, Delivery] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, float] = {}  # urls that wait, until that Unix time
        self._dispatching: asyncio.Task[None] | None = None

    def reload(self, judge: Judge, signer: Signer) -> None:
        """Send to whom `judge` lets pass, signed by `signer`, from the next attempt on."""
        self._poster.judge, self._signer = judge, signer

    def start(self) -> None:
        """Begin to send."""
        self._dispatching = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send nothing more; what is under way has a moment to end."""
        if self._dispatching is not None:
            self._dispatching.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOPS_WITHIN_S)
        for task in self._tasks:
            task.cancel()
        await self._poster.close()

    async def _run(self) -> None:
        while True:
            self._look.clear()
            try:
                wait = await self._dispatch()
            except StoreError as error:
                log.warning("webhooks: the outbox can't be read: %s", error)
                wait = AFTER_A_FAULT_S
            except Exception:
                log.exception("webhooks: the outbox could not be read")
                wait = AFTER_A_FAULT_S
            try:
                async with asyncio.timeout(wait):
                    await self._look.wait()
            except TimeoutError:
                continue

    async def _dispatch(self) -> float | None:
        """Begin every attempt that is due and may be; the seconds after which something falls due by itself."""
        now = time.time()
        self._held = {url: until for url, until in self._held.items() if until > now}
        for receiver in await self._outbox.receivers_due("webhook"):
            await self._dispatch_to(receiver)
        next_at = await self._outbox.next_at("webhook")
        moments = [*self._held.values(), *([] if next_at is None else [next_at])]
        return max(0.0, min(moments) - time.time()) if moments else None

    async def _dispatch_to(self, receiver: str) -> None:
        while (free := self._free(receiver)) > 0:
            due = await self._outbox.heads_due(
                "webhook",
                receiver,
                skip=self._under_way,
                skip_urls={*self._held, *(url for url, count in self._urls().items() if count >= MOST_TO_A_URL)},
                limit=free,
            )
            if not due:
                return
            for each in due:
                if self._urls()[each.delivery.url] < MOST_TO_A_URL:
                    self._begin(each)

    def _free(self, receiver: str) -> int:
        here = sum(delivery.receiver == receiver for delivery in self._under_way.values())
        return min(MOST_TO_A_RECEIVER - here, MOST - len(self._under_way))

    def _urls(self) -> Counter[str]:
        return Counter(delivery.url for delivery in self._under_way.values())

    def _begin(self, due: Due) -> None:
        self._under_way[due.delivery.delivery] = due.delivery
        task = asyncio.create_task(self._attempt(due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, due: Due) -> None:
        delivery = due.delivery
        try:
            await self._settle(delivery, await self._send(delivery, due.body.encode()))
        except Exception:
            # Not noted, so it is still due: it must not be sent again and again meanwhile.
            log.exception("webhooks: delivery %d could not be settled", delivery.delivery)
            self._held[delivery.url] = time.time() + AFTER_A_FAULT_S
        finally:
            del self._under_way[delivery.delivery]
            self._look.set()

    async def _send(self, delivery: Delivery, body: bytes) -> Outcome:
        target = Target.of(delivery.url)
        headers = self._signer.headers(target.url, body, delivery.event_id, time.time())
        try:
            reply = await self._poster.post(target, body, headers)
        except NoAnswer as error:
            return judge_silence(delivery, str(error), time.time(), self._chance)
        return judge_reply(delivery, reply, time.time(), self._chance)

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        match outcome:
            case Done():
                await self._outbox.done(delivery.delivery)
            case Again(at, error, refused, busy):
                if busy:
                    self._held[delivery.url] = at
                level = logging.DEBUG if delivery.attempts else logging.INFO
                log.log(level, "webhook %s: %s; tried again", shown(delivery.url), error)
                await self._outbox.failed(delivery.delivery, error, at, refused=refused)
            case GiveUp(error, gone):
                log.warning("webhook %s: event %s given up: %s", shown(delivery.url), delivery.event_id, error)
                await self._outbox.given_up(delivery.delivery, error, gone=gone)
