"""GET /api/v1/recordings/{id}/track: what a waveform and its marks are drawn from, also while the recording grows."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query, spelled
from recorder.bridge.http.recordings import ID
from recorder.bridge.http.routes import JSON, Parameter, Reply, Route
from recorder.bridge.track import track_of
from recorder.contract.faults import refused
from recorder.contract.values import whole

LATEST_S = 1 << 31
MOST_S = 3600  # in one answer: the track of a day would be 86 MB of JSON, and several times as much while it is made
_second = spelled(whole(0, LATEST_S, "seconds"))
_SECOND: schemas.Schema = {"type": "integer", "minimum": 0, "maximum": LATEST_S}


@dataclass(frozen=True, slots=True)
class Tracks:
    """The route of tracks. One is made at a time, since each takes tens of megabytes meanwhile."""

    catalogue: Catalogue
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        return [
            Route(
                "GET",
                "/api/v1/recordings/{id}/track",
                self.get,
                "A recording's track: peaks, voice, digits, pauses and gaps in the file's own time",
                {200: Reply("the track", schemas.TRACK), **schemas.refusals(404, 422)},
                (
                    ID,
                    Parameter("from", "whole seconds of the file before which nothing is told", _SECOND),
                    Parameter("to", f"whole seconds from which on nothing is told; {MOST_S} behind `from`", _SECOND),
                ),
            )
        ]

    async def get(self, request: web.Request) -> web.Response:
        """The track, or the seconds that are asked for; MOST_S at most."""
        query = Query(request)
        first, end = query.fields.take("from", _second, 0), query.fields.take("to", _second, LATEST_S)
        query.close()
        found = await self.catalogue.find(request.match_info["id"])
        if found is None or found.erased_at is not None:
            raise refused(404, "not_found", "id", "there is no recording of this id")
        end, text = min(end, first + MOST_S), None
        if found.path is not None:
            async with self.turn:
                text = await asyncio.to_thread(_told, Path(found.path), first, end)
        if text is None:
            raise refused(404, "not_found", "id", "there is no track of this recording, or not yet")
        return web.Response(text=text, content_type=JSON)


def _told(audio: Path, first: int, end: int) -> str | None:
    """The answer's text, which may have megabytes. Blocks."""
    track = track_of(audio, first, end)
    return None if track is None else json.dumps(track, separators=(",", ":"))
