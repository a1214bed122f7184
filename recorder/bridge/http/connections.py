"""Connections: bounded in number, in all and per address, and in the time they may take.

When there are too many, the oldest that is doing nothing is closed for the newcomer: whoever holds connections open
and is slow loses them, and whoever comes with a request is served. The service's other descriptors are never at risk.
"""

import asyncio
import logging
import ssl
from collections import Counter
from ipaddress import IPv4Address, ip_address
from typing import Any

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.web_protocol import _ErrInfo

from recorder.bridge.http.errors import of_http, refusal
from recorder.bridge.http.request_ids import dress, new_request_id
from recorder.contract.faults import refused

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 512
MOST_PER_ADDRESS = 128
IDLE_S = 15.0  # for the first request's headers to be complete, and between requests
HANDSHAKE_S = 10.0
LINGER_S = 2.0  # for a body that nobody wants
TAKEN_WITHIN_S = 60.0  # for an answer; audio and event streams have times of their own, for each piece
MOST_LINE_BYTES = 8190  # of the request line, and of one header
ENDLESS = web.RequestKey("endless", bool)  # the answer goes on until the client goes away


class Admission:
    """Who is connected, oldest first."""

    def __init__(self, most: int = MOST_CONNECTIONS, most_per_address: int = MOST_PER_ADDRESS) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._open: dict[Connection, str] = {}
        self._of_address: Counter[str] = Counter()
        self.turned_away = 0

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: "Connection", address: str) -> bool:
        """Take it in, at the cost of an idle one if need be; False if there is no room."""
        if self._of_address[address] >= self._most_per_address and not self._make_room(address):
            return False
        if len(self._open) >= self._most and not self._make_room(None):
            return False
        self._open[connection] = address
        self._of_address[address] += 1
        return True

    def leave(self, connection: "Connection") -> None:
        """It is gone; to say so twice is the same as once."""
        address = self._open.pop(connection, None)
        if address is not None:
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def _make_room(self, address: str | None) -> bool:
        """Close the oldest that is not serving a request, of that address or of any."""
        for other, its_address in self._open.items():
            if not other.serving and address in (None, its_address):
                self.turned_away += 1
                self.leave(other)
                other.drop()
                return True
        self.turned_away += 1
        return False


class Connection(web.RequestHandler):
    """One client's connection. TLS begins only once it is admitted, so that handshakes are bounded too.

    `serving` is set while a request that was let in is being answered.
    """

    def __init__(
        self, server: web.Server, admission: Admission, context: ssl.SSLContext | None, **options: Any
    ) -> None:
        super().__init__(
            server,
            keepalive_timeout=IDLE_S,
            lingering_time=LINGER_S,
            max_line_size=MOST_LINE_BYTES,
            max_field_size=MOST_LINE_BYTES,
            **{"access_log": None, **options},
        )
        self.serving = False
        self._admission = admission
        self._context = context
        self._raw: asyncio.Transport | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._body: StreamReader = EMPTY_PAYLOAD  # of the request that is coming

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there; aiohttp hears of it once it may stay, and TLS stands."""
        assert isinstance(transport, asyncio.Transport)
        self._raw = transport
        if not self._admission.admit(self, address_key(transport.get_extra_info("peername"))):
            self.drop()
        elif self._context is None:
            super().connection_made(transport)
        else:
            transport.pause_reading()  # the client's first bytes are for the handshake
            self._handshake = asyncio.create_task(self._shake_hands(transport, self._context))

    def data_received(self, data: bytes) -> None:
        """Bytes came. Where they end a body that can't be read, who waits for it is told, which aiohttp does not do."""
        super().data_received(data)
        for message, body in self._messages:
            if not isinstance(message, _ErrInfo):
                self._body = body
            elif not self._body.is_eof() and self._body.exception() is None:
                # Once who was woken by a chunk's end in the same bytes waits again: aiohttp looks at it no sooner.
                self._loop.call_soon(self._body.set_exception, web.RequestPayloadError("the body breaks off"))

    def eof_received(self) -> bool:  # type: ignore[override] # because aiohttp promises None, and asyncio takes either
        """The client sends no more. What it has asked in full is still answered, if the transport can: TLS can't."""
        is_idle = self._request_count == 0 or (self._waiter is not None and not self._waiter.done())
        if is_idle or self._context is not None:
            return False
        self.close()  # once that is answered
        self._loop.call_soon(self._leave_what_has_no_end)  # a request that has just come is no task yet
        return True

    def _leave_what_has_no_end(self) -> None:
        request = self._current_request
        if request is not None and (ENDLESS in request or not request.content.is_eof()):
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client is gone."""
        self._admission.leave(self)
        super().connection_lost(exc)

    def drop(self) -> None:
        """Close it at once, whatever waits to be sent."""
        if self._raw is not None:
            self._raw.abort()

    async def _shake_hands(self, raw: asyncio.Transport, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                raw, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_S, ssl_shutdown_timeout=LINGER_S
            )
        except (OSError, TimeoutError) as error:
            log.debug("a TLS handshake failed: %s", error)
            self._admission.leave(self)
            raw.abort()
            return
        if secured is not None:
            super().connection_made(secured)

    def log_exception(self, *args: Any, **about: Any) -> None:
        """What aiohttp did not expect; the rest of a body that can't be read, answered already, is no fault of ours."""
        if isinstance(about.get("exc_info"), web.RequestPayloadError):
            log.debug("the rest of a body can't be read: %s", about["exc_info"])
        else:
            super().log_exception(*args, **about)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer, to a client that takes it; one of aiohttp's own, raised outside the application, as ours."""
        ours = of_http(resp) if isinstance(resp, web.HTTPException) else resp
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                return await super().finish_response(request, ours, start_time)
        except TimeoutError:  # else what it has not taken would be held for as long as it likes
            self.drop()
            return ours, True

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 # because aiohttp's text may quote the client's bytes at length
    ) -> web.StreamResponse:
        """The answer to what never became a request, or failed outside the application."""
        if isinstance(exc, ConnectionError) or request.writer.output_size > 0:
            raise ConnectionResetError("the client went away, or an answer is under way already") from exc
        if status < 500:
            log.debug("a request that is none: %s", exc)
            response = refusal(refused(status, "bad_request", "", "this is no HTTP request that can be read"))
        else:
            log.error("a request failed outside the application", exc_info=exc)
            response = refusal(refused(500, "internal_error", "", "the service's log says more"))
        dress(response, new_request_id())
        response.force_close()
        return response


def address_key(peer: object) -> str:
    """What counts as one client: an IPv4 address, or the 64 bits of an IPv6 network; "" for none."""
    if not isinstance(peer, tuple) or not peer:
        return ""
    address = ip_address(str(peer[0]).partition("%")[0])
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_address(int(address) >> 64 << 64))
