"""The outermost middleware: every request gets an id, a line in the log and its place in the metrics.

The log line has the path without its query, and the name of the token: no signature and no secret is ever in it.
"""

import logging
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from recorder.bridge.http.request_ids import KEY, dress, request_id_of
from recorder.bridge.http.routes import Handler
from recorder.bridge.http.tokens import GRANT

log = logging.getLogger("recorder.http")

# Hears of each request: route's path, method, status, seconds.
Observer = Callable[[str, str, int, float], None]
UNKNOWN = "unknown"
_PROBED = ("/healthz", "/readyz", "/metrics")  # every few seconds, by machines


def accounts(observe: Observer) -> Middleware:
    """The middleware that tells `observe` of each request."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[KEY] = request_id_of(request)
        began, status = time.monotonic(), 499  # as nginx: the client went away first
        try:
            response = await handler(request)
            status = response.status
        finally:
            took = time.monotonic() - began
            observe(route_of(request), request.method, status, took)
            _tell(request, status, took)
        return response

    return middleware


def route_of(request: web.Request) -> str:
    """The path as the route spells it, so that metrics have no ids in them."""
    resource = request.match_info.route.resource
    return UNKNOWN if resource is None else resource.canonical


def _tell(request: web.Request, status: int, took: float) -> None:
    grant = request.get(GRANT)
    level = logging.DEBUG if status < 400 and route_of(request) in _PROBED else logging.INFO
    log.log(
        level,
        "%s %s %s %d %.0f ms %s %s",
        request.remote or "-",
        request.method if request.method.isascii() else "?",
        request.rel_url.raw_path,
        status,
        1000 * took,
        (grant.name if grant else "") or "-",
        request[KEY],
    )


async def mark(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """What every answer carries; called as its headers go out."""
    dress(response, request.get(KEY) or request_id_of(request))
