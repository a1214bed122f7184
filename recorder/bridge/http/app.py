"""The application: the routes of all subjects, and what every request passes on its way to them."""

from collections.abc import Sequence

from aiohttp import web

from recorder.bridge.http.access import Observer, accounts, mark
from recorder.bridge.http.audio import Audio
from recorder.bridge.http.errors import answer, errors
from recorder.bridge.http.guard import Guard
from recorder.bridge.http.openapi import document
from recorder.bridge.http.routes import Handler, Reply, Route
from recorder.bridge.http.tokens import FailedLogins, Tokens
from recorder.contract.json_text import MOST_BYTES


def make_app(
    routes: Sequence[Route],
    *,
    audio: Audio,
    tokens: Tokens,
    plain_http: bool,
    failures: FailedLogins,
    observe: Observer,
) -> web.Application:
    """The application of these routes, and of the description of them all."""
    described = describing(routes, needs_token=bool(tokens))
    by_route: dict[web.AbstractRoute, Route] = {}
    guard = Guard(tokens, plain_http, by_route, audio.has_link, failures)

    @web.middleware
    async def judge(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard.judge(request, handler)

    app = web.Application(middlewares=[accounts(observe), errors, judge], client_max_size=MOST_BYTES)
    for route in described:
        methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
        for method in methods:
            added = app.router.add_route(method, route.path, route.handler)
            by_route[added] = route
    app.on_response_prepare.append(mark)
    return app


def describing(routes: Sequence[Route], *, needs_token: bool) -> list[Route]:
    """The routes, and the one that describes them and itself."""
    text: dict[str, object] = {}

    async def describe(_request: web.Request) -> web.Response:
        return answer(text)

    itself = Route(
        "GET", "/openapi.json", describe, "This description", {200: Reply("OpenAPI 3.1", {"type": "object"})}
    )
    described = [*routes, itself]
    text.update(document(described, needs_token=needs_token))
    return described
