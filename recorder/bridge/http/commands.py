"""Commands and documents for a line, as the other doors take them, and the runs of documents."""

import asyncio
import time
from collections.abc import Mapping

from aiohttp import web

from recorder.bridge.answers import refusal as refused_answer
from recorder.bridge.desk import Desk
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import YAML, Query, read_object, read_value, spelled
from recorder.bridge.http.errors import answer, refusal
from recorder.bridge.http.routes import JSON, Parameter, Reply, Route
from recorder.bridge.http.runs import Runs, has_run, new_run_id
from recorder.contract.documents import document_of, lone_verb
from recorder.contract.envelope import transaction_of
from recorder.contract.faults import Refused, refused
from recorder.contract.fields import Fields
from recorder.contract.values import number
from recorder.line.line import Line

DEFAULT_WAIT_S = 10.0
LONGEST_WAIT_S = 60.0
IDEMPOTENCY = Parameter(
    "Idempotency-Key",
    "a command_id: what comes again with it does nothing and gets the first answer",
    schemas.KEY_HEADER,
    "header",
)
LINE = Parameter("line", "a line's id", schemas.LINE_ID, "path")


class Commands:
    """The routes that hand commands to the desk."""

    def __init__(self, desk: Desk, lines: Mapping[str, Line]) -> None:
        self._desk = desk
        self._lines = lines
        self._runs = Runs()

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        wait = Parameter(
            "wait",
            f"seconds to wait for the document's end; {DEFAULT_WAIT_S:g} by default",
            {"type": "number", "minimum": 0, "maximum": LONGEST_WAIT_S},
        )
        return [
            Route(
                "POST",
                "/api/v1/lines/{line}/commands",
                self.command,
                "Carry out a command",
                {
                    200: Reply("carried out", schemas.COMMAND_ANSWER),
                    **schemas.refusals(400, 404, 408, 409, 410, 422, 503, 507),
                },
                (LINE, IDEMPOTENCY),
                {JSON: schemas.COMMAND, YAML[0]: schemas.COMMAND},
            ),
            Route(
                "POST",
                "/api/v1/lines/{line}/swml",
                self.document,
                "Run a SWML document",
                {
                    200: Reply("it has ended", schemas.RUN),
                    202: Reply("it runs", schemas.RUN),
                    **schemas.refusals(400, 404, 409, 410, 422, 503, 507),
                },
                (LINE, wait, IDEMPOTENCY),
                {JSON: schemas.DOCUMENT, YAML[0]: schemas.DOCUMENT},
            ),
            Route(
                "GET",
                "/api/v1/runs/{id}",
                self.run,
                "How a document's run stands",
                {200: Reply("the run", schemas.RUN), **schemas.refusals(404)},
                (Parameter("id", "a run_id", schemas.TEXT, "path"),),
            ),
        ]

    async def command(self, request: web.Request) -> web.Response:
        """POST /api/v1/lines/{line}/commands."""
        raw: object = None
        try:
            raw = await read_value(request, yaml=True)
            done = await self._desk.take(request.match_info["line"], keyed(request, raw), arrived_now())
        except Refused as refusing:
            return refusal(refusing, refused_answer(refusing, transaction_of(raw)))
        return answer(done.to_json(), done.code)

    async def document(self, request: web.Request) -> web.Response:
        """POST /api/v1/lines/{line}/swml."""
        query = Query(request)
        wait = query.fields.take("wait", spelled(number(0, LONGEST_WAIT_S, "seconds")), DEFAULT_WAIT_S)
        query.close()
        raw = await read_object(request, yaml=True)
        if not {"sections", "action"} & set(raw):
            raise refused(422, "missing_parameter", "sections", "a document has sections, or stands in an action")
        document = keyed(request, document_of(raw))  # and none of what stands beside it while it runs
        self._runs.check_room()
        run_id = new_run_id()
        taking = self._desk.take(request.match_info["line"], document, arrived_now(), run_id=run_id)
        verb, _ = lone_verb(Fields(document, [], ""), [])
        run = self._runs.begin(run_id, verb, taking)
        await asyncio.wait([run.task], timeout=wait)
        if not run.task.done():
            return answer(run.tell(), 202)
        fault = run.task.exception()
        if isinstance(fault, Refused) and has_run(fault):
            return refusal(fault, run.tell())
        if fault is not None:
            raise fault
        return answer(run.tell())

    async def run(self, request: web.Request) -> web.Response:
        """GET /api/v1/runs/{id}."""
        return answer(self._runs.get(request.match_info["id"]).tell())


def arrived_now() -> int:
    """The moment by the clock that frames are told by, ns: a command has arrived when its last byte has."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def keyed(request: web.Request, raw: object) -> object:
    """The command with the command_id of its Idempotency-Key, which may stand in quotes as the IETF's draft has it.

    Raises Refused (422) when the two differ.
    """
    document = document_of(raw)
    given = request.headers.get("Idempotency-Key")
    if given is None or not isinstance(document, dict):
        return raw
    if len(given) > 1 and given[0] == given[-1] == '"':
        given = given[1:-1]
    if document.get("command_id", given) != given:
        detail = "Idempotency-Key and command_id differ"
        raise refused(422, "conflicting_parameters", "command_id", detail)
    return {**document, "command_id": given}
