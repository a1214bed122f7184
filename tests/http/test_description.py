"""/openapi.json is what the application routes, no more and no less."""

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from recorder.bridge.http.app import describing, make_app
from recorder.bridge.http.audio import Audio
from recorder.bridge.http.calling import Calling
from recorder.bridge.http.commands import Commands
from recorder.bridge.http.events import Events
from recorder.bridge.http.health import Health
from recorder.bridge.http.metrics import Metrics
from recorder.bridge.http.page import Page
from recorder.bridge.http.probes import Probes
from recorder.bridge.http.recordings import Recordings
from recorder.bridge.http.stored import Stored
from recorder.bridge.http.tokens import FailedLogins, Grant, Tokens
from recorder.bridge.readiness import Readiness
from recorder.bridge.told import Bell
from recorder.contract.links import Links

CONTRACT = """
POST /api/v1/lines/{line}/commands
POST /api/v1/lines/{line}/swml
GET /api/v1/runs/{id}
POST /api/calling/calls
GET /api/relay/rest/recordings
GET /api/relay/rest/recordings/{id}
DELETE /api/relay/rest/recordings/{id}
GET /api/v1/lines
GET /api/v1/recordings
GET /api/v1/recordings/{id}
DELETE /api/v1/recordings/{id}
PUT /api/v1/recordings/{id}/hold
DELETE /api/v1/recordings/{id}/hold
GET /api/v1/health
GET /api/v1/status
GET /recordings/{id}.{ext}
GET /api/v1/events
GET /api/v1/events/stream
GET /healthz
GET /readyz
GET /metrics
GET /openapi.json
GET /
"""


def app_of(tokens):
    audio = Audio(None, Links("http://x", b"k", 1.0))
    subjects = [
        Commands(None, {}),
        Calling(None, {}, None, "p"),
        Stored(None),
        Recordings(None, {}),
        audio,
        Events(None, {}, Bell()),
        Probes(Readiness()),
        Health("box", {}, None, Readiness(), None),
        Metrics({}, None, None),
        Page(),
    ]
    routes = [route for subject in subjects for route in subject.routes()]
    return routes, make_app(
        routes,
        audio=audio,
        tokens=Tokens("p", tokens),
        plain_http=True,
        failures=FailedLogins(),
        observe=lambda *_: None,
    )


def routed(app: web.Application):
    """What the application's router takes, HEAD aside."""
    return {f"{route.method} {route.resource.canonical}" for route in app.router.routes() if route.method != "HEAD"}


async def described(app, headers=None):
    async with TestClient(TestServer(app)) as client, client.get("/openapi.json", headers=headers) as got:
        assert got.status == 200
        return await got.json()


async def test_the_description_is_equal_to_the_routes():
    _, app = app_of({})
    paths = (await described(app))["paths"]
    told = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    assert told == routed(app) == set(CONTRACT.strip().splitlines())


async def test_every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own():
    _, app = app_of({})
    document = await described(app)
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)


async def test_tokens_are_asked_for_where_there_are_any():
    _, app = app_of({Grant(): "secret"})
    document = await described(app, {"Authorization": "Bearer secret"})
    assert document["security"] == [{"basic": []}, {"bearer": []}]
    open_to_all = {path for path, each in document["paths"].items() if each.get("get", {}).get("security") == []}
    assert open_to_all == {"/healthz", "/readyz", "/"}
    _, app = app_of({})
    assert (await described(app))["security"] == []


@pytest.mark.parametrize("needs_token", [True, False])
def test_path_parameters_are_those_of_the_path(needs_token):
    routes, _ = app_of({})
    for route in describing(routes, needs_token=needs_token):
        in_path = {part.split("}")[0] for part in route.path.split("{")[1:]}
        assert {each.name for each in route.parameters if each.place == "path"} == in_path
