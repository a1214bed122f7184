"""Lines and recordings as this box tells of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from recorder.bridge import pictures
from recorder.bridge.catalogue import Catalogue
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query, next_page, spelled
from recorder.bridge.http.errors import answer
from recorder.bridge.http.routes import Parameter, Reply, Route
from recorder.contract.faults import refused
from recorder.contract.ids import call_id, line_id, recording_id
from recorder.contract.values import Unfit, boolean, number, one_of, spelled_out, whole
from recorder.line.line import Line
from recorder.store.listing import Filter
from recorder.store.recordings import Recording

MOST_PER_PAGE = 200
PER_PAGE = 50
_unix = number(0, schemas.LATEST_S)
_FACTS = ("recording_id", "line", "call_id", "control_id", "state", "format", "direction", "stereo", "rate", "channels")
_LATER = ("created_at", "started_at", "ended_at", "duration", "size", "end_reason", "gaps")
_LATEST = ("sha256", "held_at", "erased_at", "erased_why")
ID = Parameter("id", "a recording_id", schemas.UUID, "path")
PAGES = (
    Parameter("before", "recordings older than this one: `next` of the page before", schemas.UUID),
    Parameter(
        "limit", f"of a page, at most {MOST_PER_PAGE}", {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE}
    ),
)
FILTERS = (
    Parameter("line", "of this line", schemas.LINE_ID),
    Parameter("call", "of the call with this call_id", schemas.CALL_ID),
    Parameter("state", "in this state", {"enum": [*schemas.STATES]}),
    Parameter("end_reason", "ended for this reason", {"enum": [*schemas.END_REASONS]}),
    Parameter("since", "ordered at or after this time: Unix s, or ISO 8601", schemas.TIME),
    Parameter("until", "ordered before this time", schemas.TIME),
    Parameter("held", "protected from erasure", {"type": "boolean"}),
    Parameter("erased", "what is left of those that were erased", {"type": "boolean"}),
)


@dataclass(frozen=True, slots=True)
class Recordings:
    """The routes of lines and recordings."""

    catalogue: Catalogue
    lines: Mapping[str, Line]

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        path = "/api/v1/recordings"
        return [
            Route("GET", "/api/v1/lines", self.list_lines, "The lines", {200: Reply("all of them", schemas.LINES)}),
            Route(
                "GET",
                path,
                self.list_recordings,
                "The recordings, newest first, a page at a time",
                {200: Reply("a page", schemas.RECORDINGS), **schemas.refusals(422)},
                (*FILTERS, *PAGES),
            ),
            Route(
                "GET",
                path + "/{id}",
                self.one,
                "One recording",
                {200: Reply("the recording", schemas.RECORDING), **schemas.refusals(404)},
                (ID,),
            ),
            Route(
                "DELETE",
                path + "/{id}",
                self.erase,
                "Erase a recording",
                {204: Reply("erased"), **schemas.refusals(404, 409)},
                (ID,),
            ),
            Route(
                "PUT",
                path + "/{id}/hold",
                self.hold,
                "Protect a recording from erasure",
                {200: Reply("it is held", schemas.RECORDING), **schemas.refusals(404)},
                (ID,),
            ),
            Route(
                "DELETE",
                path + "/{id}/hold",
                self.release,
                "Protect it no longer",
                {200: Reply("it is not held", schemas.RECORDING), **schemas.refusals(404)},
                (ID,),
            ),
        ]

    async def list_lines(self, request: web.Request) -> web.Response:
        """GET /api/v1/lines."""
        Query(request).close()
        return answer({"lines": [of_line(line) for line in self.lines.values()]})

    async def list_recordings(self, request: web.Request) -> web.Response:
        """GET /api/v1/recordings."""
        query = Query(request)
        wanted = filter_of(query)
        before, limit = take_page(query)
        query.close()
        found = await self.catalogue.page(wanted, before=before, limit=limit + 1)
        page: dict[str, Any] = {"recordings": [of_recording(each) for each in found[:limit]]}
        if len(found) > limit:
            page["next"] = next_page(request, found[limit - 1].recording_id)
        return answer(page)

    async def one(self, request: web.Request) -> web.Response:
        """GET /api/v1/recordings/{id}; what is left of one that was erased is listed with `erased`."""
        found = await self.catalogue.find(request.match_info["id"])
        if found is None or found.erased_at is not None:
            raise refused(404, "not_found", "id", "there is no recording of this id")
        return answer(of_recording(found))

    async def erase(self, request: web.Request) -> web.Response:
        """DELETE /api/v1/recordings/{id}."""
        await self.catalogue.erase(request.match_info["id"], "deleted by a client")
        return web.Response(status=204)

    async def hold(self, request: web.Request) -> web.Response:
        """PUT /api/v1/recordings/{id}/hold."""
        return answer(of_recording(await self.catalogue.hold(request.match_info["id"], held=True)))

    async def release(self, request: web.Request) -> web.Response:
        """DELETE /api/v1/recordings/{id}/hold."""
        return answer(of_recording(await self.catalogue.hold(request.match_info["id"], held=False)))


def filter_of(query: Query) -> Filter:
    """What the query asks for."""
    take = query.fields.take
    states, reasons = one_of(*schemas.STATES), one_of(*schemas.END_REASONS)
    return Filter(
        line=take("line", line_id, None),
        call_id=take("call", call_id, None) or take("call_id", call_id, None),
        state=take("state", states, None),
        end_reason=take("end_reason", reasons, None),
        since=take("since", moment, None),
        until=take("until", moment, None),
        held=take("held", spelled(boolean), None),
        erased=take("erased", spelled(boolean), default=False),
    )


def take_page(query: Query, limit: str = "limit") -> tuple[str | None, int]:
    """(before, how many) as the query has them."""
    most: Callable[[object], int] = spelled(whole(1, MOST_PER_PAGE))
    return query.fields.take("before", recording_id, None), query.fields.take(limit, most, PER_PAGE)


def moment(value: object) -> float:
    """Unix seconds, out of a number or an ISO 8601 time (UTC where it says nothing). Raises Unfit."""
    try:
        return _unix(spelled_out(value))
    except Unfit:
        try:
            spoken = datetime.fromisoformat(str(value))
            return _unix(spoken.timestamp() if spoken.tzinfo else spoken.replace(tzinfo=UTC).timestamp())
        except (ValueError, OverflowError):
            raise Unfit("a time: Unix seconds, or ISO 8601") from None


def of_line(line: Line) -> dict[str, Any]:
    """A line: what it is, whether audio comes, and what lives on it."""
    return {"timestamp": time.time(), **pictures.state(line), "up": line.is_up, **pictures.ability(line)}


def of_recording(found: Recording) -> dict[str, Any]:
    """A recording; what is not known yet is left out, and so is what was erased."""
    told = {name: getattr(found, name) for name in (*_FACTS, *_LATER, *_LATEST) if getattr(found, name) is not None}
    if found.erased_at is not None:
        return told
    parameters = {name: value for name, value in found.parameters.items() if value is not None}
    told |= {
        "parameters": parameters,
        "metadata": found.metadata,
        "recovered": found.recovered,
        "held": found.held_at is not None,
        "project_id": found.facts.get("project_id", ""),
    }
    return {**told, "url": found.facts["url"]} if has_url(found) else told


def has_url(found: Recording) -> bool:
    """Whether its audio can be fetched, or will be."""
    is_there = found.ended_at is None or found.path is not None
    return is_there and found.erased_at is None and found.facts.get("url") is not None
