"""Events: those that were told, by the journal's cursor, and those that are being told, as server-sent events.

A stream also tells when a line goes down or comes back, and of its troubles, as events of their own kinds, not
journalled and without an id.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from functools import partial

from aiohttp import web

from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query, spelled
from recorder.bridge.http.connections import ENDLESS
from recorder.bridge.http.routes import JSON, Parameter, Reply, Route
from recorder.bridge.lookout import EVENT_TYPE
from recorder.bridge.told import Bell
from recorder.contract.faults import refused
from recorder.contract.values import Unfit, whole
from recorder.line.line import Line
from recorder.store import journal
from recorder.store.store import Store

MOST_STREAMS = 64
MOST_PER_PAGE = 1000
PER_PAGE = 100
KEEP_ALIVE_S = 15.0
SEND_TIMEOUT_S = 10.0  # for a client to take what is ready for it
LOOK_EVERY_S = 0.2  # at which lines are up
MOST_TROUBLES = 256  # kept for streams that are behind
_RETRY_MS = 2000
_cursor = spelled(whole(0, (1 << 63) - 1))
AFTER = Parameter("after", "events behind this cursor", schemas.COUNT)


class Events:
    """The routes of events."""

    def __init__(self, store: Store, lines: Mapping[str, Line], bell: Bell) -> None:
        self._store = store
        self._lines = lines
        self._bell = bell
        self._watching: asyncio.Task[None] | None = None
        self._streams = 0
        self._troubles: deque[tuple[int, str]] = deque(maxlen=MOST_TROUBLES)  # numbered
        self._stopping = asyncio.Event()

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        path = "/api/v1/events"
        most = {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE}
        resume = Parameter("Last-Event-ID", "the cursor of the last event that came", schemas.COUNT, "header")
        stream = Reply("events as they are told; `id` is the cursor", schemas.TEXT, "text/event-stream")
        return [
            Route(
                "GET",
                path,
                self.replay,
                "Events told before, oldest first",
                {200: Reply("events, and the cursor to ask with next", schemas.EVENTS), **schemas.refusals(422)},
                (AFTER, Parameter("limit", f"how many, {PER_PAGE} by default", most)),
            ),
            Route(
                "GET",
                path + "/stream",
                self.stream,
                "Events as they are told: from `after` or Last-Event-ID on, else from now on",
                {200: stream, **schemas.refusals(422, 503)},
                (AFTER, resume),
            ),
        ]

    def start(self) -> None:
        """Begin to watch the lines."""
        self._watching = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """End all streams."""
        if self._watching is not None:
            self._watching.cancel()
        self._stopping.set()
        self._bell.ring()

    def troubled(self, event_text: str) -> None:
        """Tell of a line's trouble."""
        number = self._troubles[-1][0] + 1 if self._troubles else 1
        self._troubles.append((number, f"event: {EVENT_TYPE}\ndata: {event_text}\n\n"))
        self._bell.ring()

    async def replay(self, request: web.Request) -> web.Response:
        """GET /api/v1/events. The events stand in the answer byte for byte as they were told."""
        query = Query(request)
        after = query.fields.take("after", _cursor, 0)
        limit = query.fields.take("limit", spelled(whole(1, MOST_PER_PAGE)), PER_PAGE)
        query.close()
        after = await self._known(after)
        found = await self._after(after, limit)
        told = ",".join(f'{{"cursor":{cursor},"event":{event.body}}}' for cursor, event in found)
        last = found[-1][0] if found else after
        return web.Response(text=f'{{"events":[{told}],"next":{last}}}', content_type=JSON)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/events/stream, until the client goes away, is too slow, or the service stops."""
        cursor = await self._begin_at(request)
        if self._streams >= MOST_STREAMS:
            raise refused(503, "limit_reached", "", f"{MOST_STREAMS} streams are open: no more may be")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        self._streams += 1
        request[ENDLESS] = True
        try:
            await response.prepare(request)
            if request.method == "HEAD":
                return response
            # The id goes ahead, so that a client that loses the stream before its first event misses none.
            await _send(response, f"retry: {_RETRY_MS}\nid: {cursor}\n\n")
            await self._tell(response, cursor)
        except TimeoutError:
            raise ConnectionResetError("the client of an event stream is too slow") from None
        finally:
            self._streams -= 1
        return response

    async def _begin_at(self, request: web.Request) -> int:
        """The cursor behind which to begin. Raises Refused (422)."""
        query = Query(request)
        after = query.fields.take("after", _cursor, None)
        query.close()
        try:
            given = request.headers.get("Last-Event-ID")
            after = _cursor(given) if given else after  # an empty one is that of a client that has had no event
        except Unfit as unfit:
            raise refused(422, "invalid_parameter", "Last-Event-ID", f"Last-Event-ID must be {unfit}") from unfit
        return await self._store.run(journal.last_cursor) if after is None else await self._known(after)

    async def _known(self, cursor: int) -> int:
        """The cursor; 0 for one that was never given: it is of a journal that was lost, and all in this one is news."""
        return cursor if cursor <= await self._store.run(journal.last_cursor) else 0

    async def _tell(self, response: web.StreamResponse, cursor: int) -> None:
        up, troubles = self._up(), self._last_trouble()
        while not self._stopping.is_set():
            rung = self._bell.next()
            found = await self._after(cursor, PER_PAGE)
            before, up = up, self._up()
            news = [line_message(name, is_up=up[name]) for name in up if up[name] != before[name]]
            news += [text for number, text in self._troubles if number > troubles]
            troubles = self._last_trouble()
            news += [message(at, event) for at, event in found]
            if news:
                await _send(response, "".join(news))
                cursor = found[-1][0] if found else cursor
            elif not (await asyncio.wait([rung], timeout=KEEP_ALIVE_S))[0]:
                await _send(response, ": still here\n\n")

    def _last_trouble(self) -> int:
        return self._troubles[-1][0] if self._troubles else 0

    def _up(self) -> dict[str, bool]:
        return {name: line.is_up for name, line in self._lines.items()}

    async def _watch(self) -> None:
        known = self._up()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._up() != known:
                known = self._up()
                self._bell.ring()

    async def _after(self, cursor: int, limit: int) -> list[tuple[int, journal.Event]]:
        return await self._store.run(partial(journal.after, cursor=cursor, limit=limit))


def message(cursor: int, event: journal.Event) -> str:
    """One server-sent event; the JSON has no line breaks."""
    return f"id: {cursor}\nevent: calling.call.record\ndata: {event.body}\n\n"


def line_message(line: str, *, is_up: bool) -> str:
    """A server-sent event of a line that has audio again, or no more."""
    told = {"line": line, "up": is_up, "timestamp": time.time()}
    return f"event: line\ndata: {json.dumps(told)}\n\n"


async def _send(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await response.write(text.encode())
