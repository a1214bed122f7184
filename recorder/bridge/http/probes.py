"""Probes: does the process live, can it do its job."""

from dataclasses import dataclass

from aiohttp import web

from recorder.bridge.http import schemas
from recorder.bridge.http.routes import Reply, Route
from recorder.bridge.readiness import Readiness


@dataclass(frozen=True, slots=True)
class Probes:
    """GET /healthz and /readyz, open to anybody."""

    readiness: Readiness

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        lines = Reply("a line for each check", schemas.TEXT, "text/plain")
        return [
            Route("GET", "/healthz", self.health, "The process lives", {200: lines}, access="anybody"),
            Route("GET", "/readyz", self.ready, "It can do its job", {200: lines, 503: lines}, access="anybody"),
        ]

    async def health(self, _request: web.Request) -> web.Response:
        """GET /healthz."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """GET /readyz: 503 if anything is wrong."""
        found = await self.readiness.ask()
        text = "".join(f"{name}: {'ok' if wrong is None else wrong}\n" for name, wrong in found.items())
        return web.Response(text=text, status=503 if any(found.values()) else 200)
