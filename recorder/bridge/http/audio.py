"""A recording's audio, whole or in ranges, also while it grows."""

import asyncio
import time
from pathlib import Path

from aiohttp import web

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.http import ranges, schemas
from recorder.bridge.http.errors import refusal
from recorder.bridge.http.routes import Parameter, Reply, Route
from recorder.contract.faults import refused
from recorder.contract.links import Links
from recorder.contract.values import Unfit, matching
from recorder.store.recordings import LIVE, Recording
from recorder.writers.snapshot import Snapshot

PIECE_BYTES = 128 << 10
PIECE_TIMEOUT_S = 30.0  # for a client to take one piece
_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "mp4": "audio/mp4"}
_exp = matching("[0-9]{1,12}", "Unix seconds")
_sig = matching("[0-9a-f]{64}", "64 hexadecimal digits")


class Audio:
    """GET and HEAD /recordings/{id}.{ext}."""

    def __init__(self, catalogue: Catalogue, links: Links) -> None:
        self._catalogue = catalogue
        self._links = links

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        parameters = (
            Parameter("id", "a recording_id", schemas.UUID, "path"),
            Parameter("ext", "its format", {"enum": [*_TYPES]}, "path"),
            Parameter(
                "exp", "of a signed link: when it expires, Unix s", {"type": "string", "pattern": "^[0-9]{1,12}$"}
            ),
            Parameter("sig", "of a signed link: its signature", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
            Parameter("Range", "bytes=a-b, bytes=a- or bytes=-n", place="header"),
        )
        audio = Reply("the audio", {"type": "string", "format": "binary"}, "audio/*")
        replies = {200: audio, 206: audio, 304: Reply("as it was"), **schemas.refusals(404, 410, 416, 503)}
        path = "/recordings/{id}.{ext}"
        return [Route("GET", path, self.get, "A recording's audio", replies, parameters, access="link")]

    def has_link(self, request: web.Request) -> bool:
        """Whether the request carries a signed link of ours. Raises Refused (403) if it carries a bad one."""
        if not {"exp", "sig"} & set(request.query):
            return False
        wanted = request.match_info
        try:
            exp, sig = int(_exp(request.query.get("exp"))), _sig(request.query.get("sig"))
        except Unfit:
            exp, sig = 0, ""
        if not self._links.is_valid(wanted["id"], wanted["ext"], exp, sig, time.time()):
            raise refused(403, "invalid_link", "", "the link has expired, or is not one of ours")
        return True

    async def get(self, request: web.Request) -> web.StreamResponse:
        """The audio; HEAD: only its headers."""
        found = await self._find(request)
        snapshot = await self._open(found)
        try:
            return await self._answer(request, found, snapshot)
        finally:
            await asyncio.to_thread(snapshot.close)

    async def _find(self, request: web.Request) -> Recording:
        """Raises Refused: 404, 410."""
        found = await self._catalogue.find(request.match_info["id"])
        if found is None or found.format != request.match_info["ext"]:
            raise refused(404, "not_found", "", "there is no such recording")
        if found.erased_at is not None:
            raise refused(410, "gone", "", "the recording was erased")
        return found

    async def _open(self, found: Recording) -> Snapshot:
        """Raises Refused: 404 where no file was kept, 503 where none is there yet."""
        snapshot = None if found.path is None else await asyncio.to_thread(_snapshot, Path(found.path))
        if snapshot is not None and snapshot.size:
            return snapshot
        if snapshot is not None:
            snapshot.close()
        if found.state in LIVE:
            raise nothing_yet()
        raise refused(404, "not_found", "", "no audio was kept of this recording")

    async def _answer(self, request: web.Request, found: Recording, snapshot: Snapshot) -> web.StreamResponse:
        response = web.StreamResponse(headers=self._headers(found, snapshot))
        etag = response.headers.get("ETag")
        held = request.headers.get("If-None-Match", "")
        if etag is not None and (held == "*" or etag in held):
            response.set_status(304)
            await response.prepare(request)
            return response
        try:
            wanted = self._range(request, snapshot, etag)
        except ranges.Unsatisfiable:
            if snapshot.growing:
                raise nothing_yet() from None
            response = refusal(refused(416, "range_not_satisfiable", "Range", f"there are {snapshot.size} bytes"))
            response.headers["Content-Range"] = f"bytes */{snapshot.size}"
            return response
        first, end = wanted or (0, snapshot.size)
        if wanted is not None:
            response.set_status(206)
            total = "*" if snapshot.growing else snapshot.size
            response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{total}"
        response.content_length = end - first
        await response.prepare(request)
        if request.method != "HEAD":
            await _send(response, snapshot, first, end)
        return response

    def _headers(self, found: Recording, snapshot: Snapshot) -> dict[str, str]:
        headers = {
            "Content-Type": _TYPES[found.format],
            "Content-Disposition": f'inline; filename="{found.recording_id}.{found.format}"',
            "Cache-Control": "private, no-store",
            "Accept-Ranges": "bytes",
        }
        return headers if snapshot.growing else {**headers, "ETag": f'"{snapshot.size:x}-{snapshot.modified_ns:x}"'}

    def _range(self, request: web.Request, snapshot: Snapshot, etag: str | None) -> tuple[int, int] | None:
        """The range asked for, where it is to be honoured: by GET, and If-Range only of the file as it is."""
        if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
            return None
        return ranges.asked(request.headers.get("Range"), snapshot.size)


def _snapshot(path: Path) -> Snapshot | None:
    try:
        return Snapshot.of(path)
    except FileNotFoundError:
        return None


def nothing_yet() -> Exception:
    """The refusal of what is still to come; the answer's Retry-After says when to ask again."""
    return refused(503, "not_ready", "", "there is no audio yet")


async def _send(response: web.StreamResponse, snapshot: Snapshot, first: int, end: int) -> None:
    """Send these bytes, to a client that takes them."""
    at = first
    while at < end:
        piece = await asyncio.to_thread(snapshot.read, at, min(PIECE_BYTES, end - at))
        if not piece:
            raise ConnectionResetError("the file became shorter while it was sent")
        try:
            async with asyncio.timeout(PIECE_TIMEOUT_S):
                await response.write(piece)
        except TimeoutError:
            raise ConnectionResetError("the client takes nothing") from None
        at += len(piece)
