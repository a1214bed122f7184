"""Who may ask what: tokens, or loopback and nothing but loopback."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from recorder.bridge.http.connections import Connection, address_key
from recorder.bridge.http.errors import refusal
from recorder.bridge.http.routes import Handler, Route
from recorder.bridge.http.tokens import GRANT, FailedLogins, Grant, Tokens
from recorder.contract.faults import Refused, refused

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="recorder", charset="UTF-8"'}
_LOOKING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges requests. `has_link` says whether a request carries a valid signed link, and raises Refused if a bad one.

    With no tokens, the Host must be a loopback name, which a rebound DNS name is not, and a foreign Origin is refused.
    """

    tokens: Tokens
    plain_http: bool
    routes: Mapping[web.AbstractRoute, Route]
    has_link: Callable[[web.Request], bool]
    failures: FailedLogins = field(default_factory=FailedLogins)

    async def judge(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let it through, or answer why not."""
        try:
            request[GRANT] = self._grant(request)
        except Refused as refusing:
            response = refusal(refusing)
            if refusing.status == 401:
                response.headers.update(_CHALLENGE)
            return response
        connection = request.protocol
        if not isinstance(connection, Connection):
            return await handler(request)
        connection.serving = True
        try:
            return await handler(request)
        finally:
            connection.serving = False

    def _grant(self, request: web.Request) -> Grant:
        """Raises Refused: 401, 403, 429."""
        route = self.routes.get(request.match_info.route)
        access = "anybody" if route is None else route.access  # a path that is none is nobody's secret
        if not self.tokens:
            check_loopback(request)
            if access == "link" and "Authorization" not in request.headers:
                self.has_link(request)
            return Grant()
        given = request.headers.get("Authorization", "")
        if access == "anybody" or (access == "link" and not given and self.has_link(request)):
            return Grant()
        if not given:
            raise refused(401, "unauthorized", "", "a token is needed: Basic project_id:token, or Bearer token")
        if not (request.secure or self.plain_http):
            detail = "tokens are taken over HTTPS only; plain_http in the configuration changes that"
            raise refused(403, "tls_required", "", detail)
        grant = self._log_in(request, given)
        if grant.read_only and request.method not in _LOOKING:
            raise refused(403, "forbidden", "", "this token is for reading only")
        return grant

    def _log_in(self, request: web.Request, given: str) -> Grant:
        grant = self.tokens.judge(given)
        if grant is not None:
            return grant
        peer = None if request.transport is None else request.transport.get_extra_info("peername")
        wait = self.failures.note(address_key(peer))
        if wait > 0:
            raise refused(429, "too_many_failures", "", f"too many failed log-ins from here; wait {wait:.0f} s")
        raise refused(401, "unauthorized", "", "this token is not valid")


def check_loopback(request: web.Request) -> None:
    """Raises Refused (403) unless the request is meant for a loopback name and comes from no foreign page."""
    hosts, origins = request.headers.getall("Host", []), request.headers.getall("Origin", [])
    if len(hosts) != 1 or not is_loopback(f"//{hosts[0]}"):
        raise refused(403, "forbidden", "", "without a token, Host must be a loopback name")
    if origins and not (len(origins) == 1 and is_own(origins[0], f"{request.scheme}://{hosts[0]}")):
        raise refused(403, "forbidden", "", "without a token, requests of pages from elsewhere are refused")


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is `localhost` or a loopback address as numbers."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        return parts.username is None and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def is_own(origin: str, ours: str) -> bool:
    """Whether an Origin is our own listener, under whatever loopback name."""
    if not is_loopback(origin):
        return False
    theirs, own = urlsplit(origin), urlsplit(ours)
    return (theirs.scheme, theirs.port) == (own.scheme, own.port)
