"""Deliveries: which events reached whom, what is on its way, what was given up; and once more, if that is wanted."""

from dataclasses import dataclass
from typing import Any, cast, get_args

from aiohttp import web

from recorder.bridge.delivery import Outbox
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import Query, next_page, read_object, spelled
from recorder.bridge.http.errors import answer
from recorder.bridge.http.recordings import MOST_PER_PAGE, PER_PAGE
from recorder.bridge.http.routes import JSON, Parameter, Reply, Route
from recorder.bridge.webhook.target import shown
from recorder.contract.faults import Fault, Refused, refused
from recorder.contract.fields import Fields
from recorder.contract.values import Unfit, one_of, whole
from recorder.store.deliveries import Delivery, Door, State

_STATES, _DOORS = get_args(State), get_args(Door)
_number = spelled(whole(1, (1 << 63) - 1))
_TOLD = ("delivery", "state", "door", "recording_id", "line", "cursor", "event_id", "attempts", "last_error")
_FILTERS = (
    Parameter("state", "in this state", {"enum": [*_STATES]}),
    Parameter("door", "on this way", {"enum": [*_DOORS]}),
    Parameter("before", "deliveries older than this one", schemas.NUMBER),
    Parameter("limit", "of a page", {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE}),
)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The routes of deliveries."""

    outbox: Outbox

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        path = "/api/v1/deliveries"
        return [
            Route(
                "GET",
                path,
                self.list,
                "Deliveries of events, newest first, a page at a time",
                {200: Reply("a page", schemas.DELIVERIES), **schemas.refusals(422)},
                _FILTERS,
            ),
            Route(
                "POST",
                path + "/{delivery}/again",
                self.again,
                "Begin anew with a delivery that is done or was given up",
                {200: Reply("it is on its way", schemas.DELIVERY_AGAIN), **schemas.refusals(404, 422)},
                (Parameter("delivery", "its number", schemas.NUMBER, "path"),),
                {JSON: schemas.an_object({}, closed=True)},
            ),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """GET /api/v1/deliveries."""
        query = Query(request)
        take = query.fields.take
        state, door = take("state", one_of(*_STATES), None), take("door", one_of(*_DOORS), None)
        before = take("before", _number, None)
        limit = take("limit", spelled(whole(1, MOST_PER_PAGE)), PER_PAGE)
        query.close()
        found = await self.outbox.listing(
            state=cast("State | None", state), door=cast("Door | None", door), before=before, limit=limit + 1
        )
        page: dict[str, Any] = {"deliveries": [of_delivery(each) for each in found[:limit]]}
        if len(found) > limit:
            page["next"] = next_page(request, found[limit - 1].delivery)
        return answer(page)

    async def again(self, request: web.Request) -> web.Response:
        """POST /api/v1/deliveries/{delivery}/again."""
        faults: list[Fault] = []
        Fields(await read_object(request), faults, "").close()
        if faults:
            raise Refused(422, faults)
        try:
            number = _number(request.match_info["delivery"])
        except Unfit:
            number = 0
        if not number or not await self.outbox.again(number):
            raise refused(404, "not_found", "delivery", "no delivery of this number is done or given up")
        return answer({"delivery": number, "state": "pending"})


def of_delivery(found: Delivery) -> dict[str, Any]:
    """A delivery; what there is not is left out, and so is what of a URL may be secret."""
    told = {name: getattr(found, name) for name in _TOLD if getattr(found, name) is not None}
    if found.url:
        told["url"] = shown(found.url)
    if found.state == "pending":
        return {**told, "next_at": found.next_at}
    return told if found.settled_at is None else {**told, "settled_at": found.settled_at}
