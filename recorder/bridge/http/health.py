"""How the box is: as the health topic tells it, and with its checks and deliveries."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from recorder import __version__
from recorder.bridge import pictures
from recorder.bridge.delivery import Outbox
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query
from recorder.bridge.http.errors import answer
from recorder.bridge.http.routes import Reply, Route
from recorder.bridge.readiness import Readiness
from recorder.line.line import Line


@dataclass(frozen=True, slots=True)
class Health:
    """The routes of the box's health."""

    node_id: str
    lines: Mapping[str, Line]
    disk: pictures.Disk
    readiness: Readiness
    outbox: Outbox
    began: float = field(default_factory=time.monotonic)

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        reply = {200: Reply("lines and disk", schemas.HEALTH), **schemas.refusals(422)}
        whole = {200: Reply("all of it", schemas.STATUS), **schemas.refusals(422)}
        return [
            Route("GET", "/api/v1/health", self.get, "How lines and disk are", reply),
            Route("GET", "/api/v1/status", self.status, "How the box is: checks, lines, disk and deliveries", whole),
        ]

    async def get(self, request: web.Request) -> web.Response:
        """GET /api/v1/health."""
        Query(request).close()
        return answer(pictures.health(self.lines.values(), self.disk))

    async def status(self, request: web.Request) -> web.Response:
        """GET /api/v1/status. A check that finds nothing is `ok`."""
        Query(request).close()
        checks = await self.readiness.ask()
        return answer(
            {
                "version": __version__,
                "node_id": self.node_id,
                "running_seconds": round(time.monotonic() - self.began, 3),
                "checks": {name: "ok" if wrong is None else wrong for name, wrong in checks.items()},
                **pictures.health(self.lines.values(), self.disk),
                "deliveries": await self.outbox.waiting(),
            }
        )
