"""Bodies and queries, read from hostile clients."""

import asyncio
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web

from recorder.bridge.http.routes import JSON
from recorder.contract.faults import Fault, Refused, fault, refused
from recorder.contract.fields import Fields
from recorder.contract.json_text import MOST_BYTES, read_json
from recorder.contract.quoting import shown
from recorder.contract.values import Check, spelled_out

BODY_TIMEOUT_S = 10.0  # for a body of a megabyte at most
T = TypeVar("T")
YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


async def read_object(request: web.Request, *, yaml: bool = False) -> dict[str, object]:
    """The object that the body spells, as read_value. Raises Refused also (422) for any other value."""
    value = await read_value(request, yaml=yaml)
    if not isinstance(value, dict):
        raise refused(422, "invalid_parameter", "", f"the body must be an object, not {shown(value)}")
    return value


async def read_value(request: web.Request, *, yaml: bool = False) -> object:
    """What the body spells in JSON, or in YAML. Raises Refused: 400, 408, 413, 415.

    That a page of another origin can send neither type unasked is part of the guard: so no other type is taken.
    """
    kind = request.content_type if "Content-Type" in request.headers else ""
    allowed = (JSON, *YAML) if yaml else (JSON,)
    if kind not in allowed:
        raise refused(415, "unsupported_media_type", "", f"Content-Type must be {' or '.join(allowed)}")
    body = await _read(request)
    if kind == JSON:
        return read_json(body)
    from recorder.contract.yaml_text import read_yaml  # noqa: PLC0415 # because most boxes never see any

    return read_yaml(body)


async def _read(request: web.Request) -> bytes:
    """The body, which the request does not keep as it would with `request.read`: what waits is to hold no megabyte."""
    too_large = refused(413, "too_large", "", f"the body has more than {MOST_BYTES} bytes")
    if request.content_length is not None and request.content_length > MOST_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while piece := await request.content.readany():
                body += piece
                if len(body) > MOST_BYTES:
                    raise too_large
    except TimeoutError as error:
        raise refused(408, "too_slow", "", f"the body did not come within {BODY_TIMEOUT_S:g} s") from error
    except web.RequestPayloadError as error:
        raise refused(400, "bad_request", "", "the body can't be read as its headers say") from error
    return bytes(body)


def spelled(check: Check[T]) -> Check[T]:
    """The check of a number or boolean that comes as text."""
    return lambda value: check(spelled_out(value))


def next_page(request: web.Request, before: object) -> str:
    """The path of the page behind this one, whose last entry is `before`."""
    kept = [(name, value) for name, value in request.query.items() if name != "before"]
    return f"{request.path}?{urlencode([*kept, ('before', before)])}"


class Query:
    """The query's parameters, taken one by one; `close` refuses what is wrong with them, all at once."""

    def __init__(self, request: web.Request) -> None:
        self._faults: list[Fault] = []
        given = dict(request.query)
        if len(given) != len(request.query):
            self._faults.append(fault("invalid_parameter", "", "a parameter stands twice in the query"))
        self.fields = Fields(given, self._faults, "query")

    def close(self) -> None:
        """Raises Refused (422) with every fault."""
        self.fields.close()
        if self._faults:
            raise Refused(422, self._faults)
