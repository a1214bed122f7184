"""GET /openapi.json: what the routes say of themselves, as OpenAPI 3.1."""

from collections.abc import Iterable, Mapping
from typing import Any

from recorder import __version__
from recorder.bridge.http import schemas
from recorder.bridge.http.routes import Reply, Route


def document(routes: Iterable[Route], *, needs_token: bool) -> dict[str, Any]:
    """The description of these routes; where no token is configured, none is asked for."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "recorder", "version": __version__, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [{"basic": []}, {"bearer": []}] if needs_token else [],
        "paths": paths,
        "components": {
            "schemas": dict(schemas.COMPONENTS),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "project_id and token"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "token"},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    replies = {**route.replies, **schemas.refusals(*_of_every_route(route))}
    operation: dict[str, Any] = {
        "operationId": route.handler.__qualname__,
        "summary": route.summary,
        "responses": {str(status): _reply(reply) for status, reply in sorted(replies.items())},
    }
    if route.parameters:
        operation["parameters"] = [
            {
                "name": each.name,
                "in": each.place,
                "description": each.meaning,
                "required": each.place == "path",
                "schema": each.schema,
            }
            for each in route.parameters
        ]
    if route.body:
        content = {media: {"schema": schema} for media, schema in route.body.items()}
        operation["requestBody"] = {"required": True, "content": content}
    if route.access == "anybody":
        operation["security"] = []
    return operation


def _of_every_route(route: Route) -> tuple[int, ...]:
    of_bodies = (400, 408, 413, 415) if route.body else ()
    return (403, *of_bodies) if route.access == "anybody" else (*schemas.EVERYWHERE, *of_bodies)


def _reply(reply: Reply) -> Mapping[str, Any]:
    if reply.schema is None:
        return {"description": reply.meaning}
    return {"description": reply.meaning, "content": {reply.media: {"schema": reply.schema}}}
