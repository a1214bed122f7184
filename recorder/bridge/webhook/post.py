"""One POST to a receiver, and what came of it."""

import asyncio
import os
import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from recorder import __version__
from recorder.bridge.webhook.addresses import Judge
from recorder.bridge.webhook.names import Names
from recorder.bridge.webhook.target import Target

CONNECT_S = 2.0  # name, connection and TLS
WHOLE_S = 15.0
MOST_READ = 4096  # bytes of an answer
_MOST_ERROR = 300  # characters
_target: ContextVar[Target] = ContextVar("target")  # of the request whose connection is being made


class NoAnswer(Exception):
    """There is no answer to go by: no connection, no time, or an answer that broke off."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The status that a receiver answered, and its Retry-After as it came."""

    status: int
    retry_after: str | None = None


class Poster:
    """Sends POSTs, one connection each, to addresses that `judge` lets pass. Proxies of the environment play no part.

    `ca`: a PEM file of authorities trusted beside the system's. To be made and used in the event loop.
    """

    def __init__(self, judge: Judge, ca: Path | None, names: AbstractResolver | None = None) -> None:
        self.judge = judge
        self._names = Names() if names is None else names
        self._ca = ca
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()

    async def _open(self) -> aiohttp.ClientSession:
        """The session, made when it is needed first: reading the system's authorities takes a while."""
        async with self._opening:
            if self._session is None:
                self._session = self._made(await asyncio.to_thread(tls_context, self._ca))
            return self._session

    def _made(self, context: ssl.SSLContext) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=context,
                resolver=self._names,
                socket_factory=self._socket,
                force_close=True,
                limit=0,  # whoever sends keeps count
            ),
            timeout=aiohttp.ClientTimeout(total=WHOLE_S, connect=CONNECT_S, ceil_threshold=WHOLE_S + 1),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=MOST_READ,
            skip_auto_headers=("Accept-Encoding",),
            headers={"User-Agent": f"recorder/{__version__}", "Content-Type": "application/json"},
        )

    async def close(self) -> None:
        """Let go of every connection."""
        if self._session is not None:
            await self._session.close()
        await self._names.close()

    async def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send the body; the receiver's answer, read to MOST_READ bytes. Raises NoAnswer."""
        _target.set(target)
        basic = {} if target.authorization is None else {"Authorization": target.authorization}
        url = URL(target.url, encoded=True)  # not one character of what is signed may change
        try:
            session = await self._open()
            async with session.post(url, data=body, headers={**headers, **basic}, allow_redirects=False) as answer:
                left = MOST_READ
                while left > 0 and (piece := await answer.content.read(left)):
                    left -= len(piece)
                return Reply(answer.status, answer.headers.get("Retry-After"))
        except TimeoutError as error:
            raise NoAnswer(f"no answer in time ({CONNECT_S:g} s to connect, {WHOLE_S:g} s in all)") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(_told(error)) from error

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """The socket for an address about to be connected to; Forbidden if it must not be."""
        family, kind, protocol, _, where = address
        self.judge.check(_target.get().host, where[0], where[1])
        return socket.socket(family, kind, protocol)


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """TLS that verifies names and chains, trusting the system's authorities and those in `ca`."""
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(ca)
    return context


def _told(error: Exception) -> str:
    """What went wrong, without a byte of what the receiver sent and without the url: who asks may know neither."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            message = str(error.certificate_error)
        case aiohttp.ClientConnectorError():
            message = str(error.os_error) or type(error.os_error).__name__
        case aiohttp.ClientResponseError():
            message = "the answer is no HTTP that can be read"
        case aiohttp.ClientPayloadError():
            message = "the answer broke off"
        case aiohttp.ServerConnectionError():
            message = "the connection was closed without an answer"
        case aiohttp.ClientOSError():
            why = f": {os.strerror(error.errno)}" if error.errno else ""
            message = f"the connection broke{why}"
        case aiohttp.InvalidURL():
            message = f"the host of the URL {error.description or 'can be none'}"
        case aiohttp.ClientError():
            message = type(error).__name__
        case _:
            message = str(error) or type(error).__name__
    return "".join(c if c.isprintable() else " " for c in message[:_MOST_ERROR])
