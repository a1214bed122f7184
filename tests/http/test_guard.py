"""Who may ask what, against an application of two routes."""

import pytest
from aiohttp.test_utils import TestClient, TestServer

from recorder.bridge.http.access import UNKNOWN
from recorder.bridge.http.app import make_app
from recorder.bridge.http.errors import answer
from recorder.bridge.http.guard import is_loopback, is_own
from recorder.bridge.http.routes import Reply, Route
from recorder.bridge.http.tokens import GRANT, FailedLogins, Grant, Tokens
from recorder.contract.faults import refused

TOKENS = {Grant(): "main", Grant("board", read_only=True): "looks-on"}


class NoLinks:
    """A valid link says so; any other is bad."""

    def has_link(self, request):
        if "sig" not in request.query:
            return False
        if request.query["sig"] != "good":
            raise refused(403, "invalid_link", "", "bad")
        return True


async def tell(request):
    return answer({"name": request[GRANT].name})


async def fail(_request):
    raise RuntimeError("top-secret")


REPLIES = {200: Reply("", {})}
ROUTES = [
    Route("GET", "/secret", tell, "", REPLIES),
    Route("POST", "/secret", tell, "", REPLIES),
    Route("GET", "/audio", tell, "", REPLIES, access="link"),
    Route("GET", "/open", tell, "", REPLIES, access="anybody"),
    Route("GET", "/fail", fail, "", REPLIES, access="anybody"),
]


@pytest.fixture
async def client_of():
    """A client of an application with these tokens; `seen` is what it observed."""
    clients = []

    async def make(tokens=None, *, plain_http=True):
        seen = []
        app = make_app(
            ROUTES,
            audio=NoLinks(),
            tokens=Tokens("project", tokens or {}),
            plain_http=plain_http,
            failures=FailedLogins(burst=3),
            observe=lambda *told: seen.append(told),
        )
        client = TestClient(TestServer(app))
        client.seen = seen
        clients.append(client)
        await client.start_server()
        return client

    yield make
    for client in clients:
        await client.close()


async def status(client, method, path, **headers):
    async with client.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}) as got:
        if got.status >= 400 and method != "HEAD":
            assert got.content_type == "application/json"
            [error] = (await got.json())["errors"]
            assert set(error) == {"code", "title", "detail", "status", "attribute"}
            assert error["status"] == str(got.status)
        assert got.headers["X-Request-Id"]
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        return got.status


@pytest.mark.parametrize(
    ("method", "path", "authorization", "expected"),
    [
        ("GET", "/secret", None, 401),
        ("GET", "/secret", "Bearer main", 200),
        ("HEAD", "/secret", "Bearer main", 200),
        ("POST", "/secret", "Bearer main", 200),
        ("GET", "/secret", "Bearer looks-on", 200),
        ("POST", "/secret", "Bearer looks-on", 403),
        ("GET", "/secret", "Bearer wrong", 401),
        ("GET", "/open", None, 200),
        ("GET", "/open", "Bearer wrong", 200),
        ("GET", "/audio", None, 401),
        ("GET", "/audio?sig=good", None, 200),
        ("GET", "/audio?sig=bad", None, 403),
        ("GET", "/audio?sig=bad", "Bearer main", 200),
        ("GET", "/audio?sig=good", "Bearer wrong", 401),
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/secret", None, 405),
    ],
)
async def test_a_token_opens_what_it_may(client_of, method, path, authorization, expected):
    client = await client_of(TOKENS)
    headers = {} if authorization is None else {"Authorization": authorization}
    assert await status(client, method, path, **headers) == expected


async def test_a_missing_token_is_asked_for(client_of):
    client = await client_of(TOKENS)
    async with client.get("/secret") as got:
        assert got.headers["WWW-Authenticate"].startswith('Basic realm="recorder"')


async def test_tokens_are_taken_over_tls_alone_unless_plain_http_is_allowed(client_of):
    client = await client_of(TOKENS, plain_http=False)
    assert await status(client, "GET", "/secret", Authorization="Bearer main") == 403
    assert await status(client, "GET", "/secret") == 401
    assert await status(client, "GET", "/open") == 200
    assert await status(client, "GET", "/audio?sig=good") == 200


async def test_too_many_failures_are_429_and_a_valid_token_still_passes(client_of):
    client = await client_of(TOKENS)
    tried = [await status(client, "GET", "/secret", Authorization=f"Bearer {n}") for n in range(5)]
    assert tried == [401, 401, 401, 429, 429]
    assert await status(client, "GET", "/secret") == 401  # to ask without one is no failure
    assert await status(client, "GET", "/secret", Authorization="Bearer main") == 200
    async with client.get("/secret", headers={"Authorization": "Bearer x"}) as got:
        assert int(got.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200),
        ("localhost:8080", 200),
        ("LOCALHOST:1", 200),
        ("127.0.0.1", 200),
        ("127.8.8.8:80", 200),
        ("[::1]:8080", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.nip.io", 403),
        ("127.0.0.1@evil.example", 403),
        ("evil.example:127.0.0.1", 403),
        ("192.168.1.1", 403),
        ("0.0.0.0", 403),
        ("0x7f.1", 403),
        ("[::ffff:10.0.0.1]", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("path", ["/secret", "/open", "/audio"])
async def test_without_a_token_the_host_must_be_a_loopback_name(client_of, host, path, expected):
    client = await client_of()
    assert await status(client, "GET", path, Host=host) == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8080", 200),
        ("http://localhost:8080", 200),
        ("http://[::1]:8080", 200),
        ("http://localhost:3000", 403),
        ("https://localhost:8080", 403),
        ("http://localhost", 403),
        ("http://evil.example:8080", 403),
        ("http://127.0.0.1:8080@evil.example", 403),
        ("http://127.0.0.1:http", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_without_a_token_a_foreign_origin_is_refused(client_of, origin, expected):
    client = await client_of()
    assert await status(client, "GET", "/secret", Host="127.0.0.1:8080", Origin=origin) == expected


async def test_without_a_token_any_credentials_pass(client_of):
    client = await client_of()
    assert await status(client, "POST", "/secret", Authorization="Basic !!!") == 200
    assert await status(client, "GET", "/audio", Authorization="Bearer x") == 200
    assert await status(client, "GET", "/audio?sig=bad") == 403


async def test_a_failure_tells_the_client_little_and_the_log_all(client_of, caplog):
    client = await client_of()
    assert await status(client, "GET", "/fail") == 500
    async with client.get("/fail") as got:
        assert "top-secret" not in await got.text()
    assert "top-secret" in caplog.text


async def test_no_secret_comes_into_the_log(client_of, caplog):
    caplog.set_level("DEBUG")
    client = await client_of(TOKENS)
    await status(client, "GET", "/audio?exp=1&sig=good", Authorization="Bearer main-tok")
    await status(client, "GET", "/secret?token=main", Authorization="Bearer looks-on")
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("recorder"))
    assert "/audio 401" in ours
    assert "/secret 200" in ours
    assert " board " in ours
    for secret in ("sig", "good", "main", "looks-on", "?"):
        assert secret not in ours


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1:2.3_4", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("a%0d%0ab", False)]
)
async def test_a_sane_request_id_is_the_clients_own(client_of, given, kept):
    client = await client_of()
    async with client.get("/secret", headers={"X-Request-Id": given}) as got:
        assert (got.headers["X-Request-Id"] == given) == kept


async def test_requests_are_counted_by_route_not_by_path(client_of):
    client = await client_of()
    await status(client, "GET", "/secret?x=1")
    await status(client, "GET", "/nowhere/4711")
    assert [told[:3] for told in client.seen] == [("/secret", "GET", 200), (UNKNOWN, "GET", 404)]


def test_a_loopback_name_is_told_from_all_else():
    assert is_loopback("//localhost")
    assert not is_loopback("//[::1")
    assert not is_loopback("//localhost:99999")
    assert not is_own("http://localhost:80:80", "http://localhost")


async def test_no_route_redirects(client_of):
    client = await client_of()
    for path in ("/secret/", "/x//secret", "/secret/../nothing"):
        async with client.get(path, allow_redirects=False) as got:
            assert got.status == 404
