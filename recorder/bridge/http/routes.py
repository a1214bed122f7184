"""What a route is: its handler, and what /openapi.json says of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
# Who may call it: `token`: whoever has one; `link`: or who has its signed link; `anybody`.
Access: TypeAlias = Literal["token", "link", "anybody"]
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a path, the query or a header; `schema` is JSON Schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: Literal["path", "query", "header"] = "query"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `schema` is JSON Schema of a JSON body, None for none; `media` names a body of another type."""

    meaning: str
    schema: Mapping[str, Any] | None = None
    media: str = JSON


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. `body` is JSON Schema of what it takes, by media type."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Handler
    summary: str
    replies: Mapping[int, Reply]
    parameters: tuple[Parameter, ...] = ()
    body: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    access: Access = "token"
