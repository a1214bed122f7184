"""GET /api/v1/recordings/{id}/track: what a waveform and its marks are drawn from, also while the recording grows."""

import asyncio
import json
from dataclasses import dataclass
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

MOST_S = 1 << 31
_second = spelled(whole(0, MOST_S, "seconds"))
_SECOND: schemas.Schema = {"type": "integer", "minimum": 0, "maximum": MOST_S}


@dataclass(frozen=True, slots=True)
class Tracks:
    """The route of tracks."""

    catalogue: Catalogue

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
                    Parameter("to", "whole seconds from which on nothing is told", _SECOND),
                ),
            )
        ]

    async def get(self, request: web.Request) -> web.Response:
        """The track, or the seconds that are asked for."""
        query = Query(request)
        first, end = query.fields.take("from", _second, 0), query.fields.take("to", _second, MOST_S)
        query.close()
        found = await self.catalogue.find(request.match_info["id"])
        if found is None or found.erased_at is not None:
            raise refused(404, "not_found", "id", "there is no recording of this id")
        text = None if found.path is None else await asyncio.to_thread(_told, Path(found.path), first, end)
        if text is None:
            raise refused(404, "not_found", "id", "there is no track of this recording, or not yet")
        return web.Response(text=text, content_type=JSON)


def _told(audio: Path, first: int, end: int) -> str | None:
    """The answer's text, which may have megabytes. Blocks."""
    track = track_of(audio, first, end)
    return None if track is None else json.dumps(track, separators=(",", ":"))
