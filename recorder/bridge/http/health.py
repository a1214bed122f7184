"""How the box is, as the health topic tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from recorder.bridge import pictures
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query
from recorder.bridge.http.errors import answer
from recorder.bridge.http.routes import Reply, Route
from recorder.line.line import Line


@dataclass(frozen=True, slots=True)
class Health:
    """The route of the box's health."""

    lines: Mapping[str, Line]
    disk: pictures.Disk

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        reply = {200: Reply("lines and disk", schemas.HEALTH), **schemas.refusals(422)}
        return [Route("GET", "/api/v1/health", self.get, "How lines and disk are", reply)]

    async def get(self, request: web.Request) -> web.Response:
        """GET /api/v1/health."""
        Query(request).close()
        return answer(pictures.health(self.lines.values(), self.disk))
