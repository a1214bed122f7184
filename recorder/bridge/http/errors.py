"""Every error as the contract's JSON, whoever raised it."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from recorder.bridge.http.routes import JSON, Handler
from recorder.contract.faults import Refused, refused
from recorder.store.errors import StoreError

log = logging.getLogger(__name__)

_CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
}
_DETAILS = {
    404: "there is nothing at this path",
    405: "this path does not take this method",
    413: "the body is too large",
}


def answer(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return web.Response(text=text, status=status, headers=headers, content_type=JSON)


def refusal(refusing: Refused, body: Mapping[str, Any] | None = None) -> web.Response:
    """The answer to what is refused; `body` where there is more to say than its faults."""
    headers = {"Retry-After": "1"} if refusing.status in {429, 503} else {}
    return answer(refusing.to_json() if body is None else body, refusing.status, headers)


def of_http(error: web.HTTPException) -> web.Response:
    """An answer of aiohttp's own as ours, with the headers that matter (Allow)."""
    status = error.status if error.status >= 400 else 500
    detail = _DETAILS.get(status, error.reason)
    response = refusal(refused(status, _CODES.get(status, "bad_request"), "", detail))
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def of_fault(error: Exception) -> web.Response:
    """The answer to what went wrong here; the log has it all, the client little."""
    if isinstance(error, StoreError) and error.reason == "disk_full":
        return refusal(refused(507, "insufficient_storage", "", "the disk is full"))
    return refusal(refused(500, "internal_error", "", "the service's log says more"))


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what is raised into an answer; what was refused on purpose is no fault."""
    try:
        return await handler(request)
    except Refused as refusing:
        return refusal(refusing)
    except web.HTTPException as error:
        return of_http(error)
    except ConnectionError:
        raise  # the client went away
    except Exception as error:
        log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        if request.writer.output_size:
            raise ConnectionResetError("an answer is under way already") from error
        return of_fault(error)
