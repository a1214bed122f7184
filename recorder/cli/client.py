"""A small HTTP client for the service: synchronous, out of the standard library, so that commands start fast."""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from recorder import __version__
from recorder.cli import exits
from recorder.cli.failed import Failed

SILENCE_S = 30.0  # without a byte, after which there is no service


class NoAnswer(Failed):
    """There is no service, or the connection to it broke."""

    def __init__(self, why: str) -> None:
        super().__init__(exits.UNAVAILABLE, [why])


class Refusal(Failed):
    """The service refuses, and its errors say why."""

    def __init__(self, http_status: int, errors: list[dict[str, str]]) -> None:
        self.http_status = http_status
        self.errors = errors
        super().__init__(exits.REFUSED, [each["detail"] for each in errors])


class Client:
    """Asks the service at one base URL. Every method raises NoAnswer and Refusal."""

    def __init__(self, url: str, token: str = "", context: ssl.SSLContext | None = None) -> None:
        """`url` has a scheme and a host, and no query; `context` None trusts whom the system trusts."""
        self._url = url
        self._parts = urlsplit(url)
        self._token = token
        self._context = context

    def get(self, path: str, having: str, query: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The object, with that key, that a GET is answered with; of the query, what is None is left out."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        answer = self.ask("GET", f"{path}?{urlencode(given)}" if given else path)
        if not isinstance(answer, dict) or having not in answer:
            raise _not_ours(200)
        return answer

    def ask(self, method: str, target: str, body: object = None) -> Any:
        """The JSON of the answer; None where it has no body."""
        with self.open(method, target, body) as response:
            answer = response.read()
        try:
            return json.loads(answer) if answer else None
        except ValueError:
            raise _not_ours(response.status) from None

    @contextmanager
    def open(
        self, method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer, to be read as it comes; an OSError in the block is taken for the connection's."""
        connection = self._connection()
        try:
            connection.request(
                method,
                self._parts.path.rstrip("/") + target,
                None if body is None else json.dumps(body).encode(),
                self._headers(body) | dict(headers or {}),
            )
            response = connection.getresponse()
            if response.status >= 300:
                raise _refusal(response.status, response.read())
            yield response
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"no answer from {self._url}: {_why(error)}") from error
        finally:
            connection.close()

    def _headers(self, body: object) -> dict[str, str]:
        headers = {"User-Agent": f"recorder/{__version__}", "Accept-Encoding": "identity"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers if body is None else {**headers, "Content-Type": "application/json"}

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=SILENCE_S)
        context = self._context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=SILENCE_S, context=context)


def segment(text: str) -> str:
    """Any text as one segment of a path."""
    return quote(text, safe="")


def _refusal(status: int, body: bytes) -> Refusal:
    try:
        errors = json.loads(body)["errors"]
        told = [{name: str(each[name]) for name in ("code", "detail", "attribute")} for each in errors]
    except (ValueError, LookupError, TypeError):
        return _not_ours(status)
    return Refusal(status, told) if told else _not_ours(status)


def _not_ours(status: int) -> Refusal:
    """What answers as no recorder does: another program has the port."""
    detail = f"the answer ({status}) is none of a recorder"
    return Refusal(status, [{"code": "not_ours", "detail": detail, "attribute": ""}])


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); --ca FILE names one to trust"
    if isinstance(error, TimeoutError):
        return f"nothing came for {SILENCE_S:g} s"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"the connection broke ({type(error).__name__})"
