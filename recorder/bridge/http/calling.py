"""Calls as SignalWire's REST client commands them: one path, the call in `id`."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from recorder.bridge.desk import Desk
from recorder.bridge.http import schemas
from recorder.bridge.http.bodies import read_object
from recorder.bridge.http.commands import IDEMPOTENCY, arrived_now, keyed
from recorder.bridge.http.errors import answer
from recorder.bridge.http.routes import JSON, Reply, Route
from recorder.contract.faults import refused
from recorder.contract.ids import call_id
from recorder.contract.values import Unfit
from recorder.line.line import Line
from recorder.store import calls
from recorder.store.store import Store

_TOLD = ("control_id", "recording_id", "url", "state")


@dataclass(frozen=True, slots=True)
class Calling:
    """`id` is a live call's or an ended one's, or a line's: then its live call is meant, begun if there is none."""

    desk: Desk
    lines: Mapping[str, Line]
    store: Store
    project_id: str

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        replies = {
            200: Reply("carried out", schemas.CALL),
            **schemas.refusals(400, 404, 408, 409, 410, 422, 503, 507),
        }
        path, summary = "/api/calling/calls", "Command a call, as SignalWire's REST client does"
        return [Route("POST", path, self.command, summary, replies, (IDEMPOTENCY,), {JSON: schemas.CALLING})]

    async def command(self, request: web.Request) -> web.Response:
        """POST /api/calling/calls."""
        raw = await read_object(request)
        line_id, raw = await self._line_of(raw)
        done = await self.desk.take(line_id, keyed(request, raw), arrived_now())
        return answer(await self._call(self.lines[line_id], done.data))

    async def _line_of(self, raw: dict[str, object]) -> tuple[str, dict[str, object]]:
        """The line that `id` means, and the command as that line's desk takes it. Raises Refused: 404, 422."""
        try:
            name = call_id(raw.get("id"))
        except Unfit as unfit:
            code = "invalid_parameter" if "id" in raw else "missing_parameter"
            raise refused(422, code, "id", f"id must be {unfit}: a line's id or a call_id") from unfit
        if name in self.lines:
            return name, {key: value for key, value in raw.items() if key != "id"}
        for line in self.lines.values():
            if line.call is not None and line.call.call_id == name:
                return line.id, raw
        ended = await self.store.run(lambda connection: calls.newest(connection, name))
        if ended is None or ended.line not in self.lines:
            raise refused(404, "not_found", "id", "there is no line and no call of this id")
        return ended.line, raw

    async def _call(self, line: Line, data: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's object; of a call that has ended, the store knows the project."""
        live, name = line.call, data.get("call_id")
        if live is not None and name in (None, live.call_id):
            name, project_id, status = live.call_id, live.project_id, "answered"
        else:
            project_id, status = await self.store.run(lambda connection: self._ended(connection, name)), "ended"
        told = {key: data[key] for key in _TOLD if key in data}
        return {"id": name or "", "status": status, "type": "relay_sip_call", "project_id": project_id, **told}

    def _ended(self, connection: sqlite3.Connection, name: str | None) -> str:
        call = None if name is None else calls.newest(connection, name)
        return self.project_id if call is None else call.project_id
