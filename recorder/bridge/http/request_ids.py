"""The id of a request, the client's own where it is sane, else one made up; and what else every answer carries."""

import re
import secrets

from aiohttp import web

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
KEY = web.RequestKey("request_id", str)


def new_request_id() -> str:
    """32 hexadecimal digits."""
    return secrets.token_hex(16)


def request_id_of(request: web.BaseRequest) -> str:
    """The id that the client sent, or a new one."""
    given = request.headers.get(HEADER, "")
    return given if _SANE.fullmatch(given) else new_request_id()


def dress(response: web.StreamResponse, request_id: str) -> None:
    """Put on what every answer carries."""
    response.headers[HEADER] = request_id
    response.headers["Server"] = "recorder"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
