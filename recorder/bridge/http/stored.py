"""Recordings as SignalWire's REST client lists, fetches and deletes them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query
from recorder.bridge.http.errors import answer
from recorder.bridge.http.recordings import ID, MOST_PER_PAGE, has_url, take_page
from recorder.bridge.http.routes import Parameter, Reply, Route
from recorder.contract.faults import refused
from recorder.contract.ids import recording_id
from recorder.store.listing import Filter
from recorder.store.recordings import LIVE, Recording

PATH = "/api/relay/rest/recordings"
_TRACKS = {"speak": "inbound", "listen": "outbound", "both": "both"}
_PAGES = (
    Parameter("page_size", "of a page", {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE}),
    Parameter("before", "recordings older than this one", schemas.UUID),
    Parameter("after", "recordings newer than this one", schemas.UUID),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """The routes of SignalWire's stored recordings."""

    catalogue: Catalogue

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        one = PATH + "/{id}"
        return [
            Route(
                "GET",
                PATH,
                self.list,
                "Stored recordings, as SignalWire lists them",
                {200: Reply("a page", schemas.STORED_PAGE), **schemas.refusals(422)},
                _PAGES,
            ),
            Route(
                "GET",
                one,
                self.one,
                "One stored recording",
                {200: Reply("the recording", schemas.STORED), **schemas.refusals(404)},
                (ID,),
            ),
            Route(
                "DELETE",
                one,
                self.delete,
                "Erase a stored recording",
                {204: Reply("erased"), **schemas.refusals(404, 409)},
                (ID,),
            ),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """GET /api/relay/rest/recordings."""
        query = Query(request)
        before, size = take_page(query, "page_size")
        after = query.fields.take("after", recording_id, None)
        query.close()
        found = await self.catalogue.page(Filter(), before=before, after=after, limit=size + 1)
        more = len(found) > size
        page = found[-size:] if after is not None else found[:size]
        links = {"self": request.path_qs, "first": _link(size)}
        if page and (more or after is not None):
            links["next"] = _link(size, before=page[-1].recording_id)
        if page and (more if after is not None else before is not None):
            links["prev"] = _link(size, after=page[0].recording_id)
        return answer({"links": links, "data": [of_stored(each) for each in page]})

    async def one(self, request: web.Request) -> web.Response:
        """GET /api/relay/rest/recordings/{id}."""
        found = await self.catalogue.find(request.match_info["id"])
        if found is None or found.erased_at is not None:
            raise refused(404, "not_found", "id", "there is no recording of this id")
        return answer(of_stored(found))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /api/relay/rest/recordings/{id}."""
        await self.catalogue.erase(request.match_info["id"], "deleted by a client")
        return web.Response(status=204)


def of_stored(found: Recording) -> dict[str, Any]:
    """A recording in SignalWire's words."""
    changed = found.ended_at or found.started_at or found.created_at
    return {
        "id": found.recording_id,
        "project_id": found.facts.get("project_id", ""),
        "created_at": _iso(found.created_at),
        "updated_at": _iso(max(changed, found.created_at)),
        "duration_in_seconds": int((found.duration or 0.0) + 0.5),
        "byte_size": found.size or 0,
        "url": found.facts["url"] if has_url(found) else "",
        "stereo": found.stereo,
        "track": _TRACKS[found.direction],
        "status": status_of(found),
        "error_code": found.end_reason if found.state == "error" else "",
        "price": 0,
        "price_unit": "USD",
        "relay_sip_leg_id": found.call_id,
    }


def status_of(found: Recording) -> str:
    """`absent` where it ended well and no file stands."""
    if found.state in LIVE:
        return "paused" if found.state == "paused" else "recording"
    if found.state == "error":
        return "failed"
    return "absent" if found.path is None else "completed"


def _iso(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _link(size: int, **bound: str) -> str:
    return f"{PATH}?{urlencode({'page_size': size, **bound})}"
