"""A service that answers as a test says, on a real port."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

Asked: TypeAlias = "Handler"
Answer: TypeAlias = Callable[[Asked], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(sent)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def _take(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.close_connection = True
        self.server.asked.append(self)
        self.server.take(self)

    do_GET = do_POST = do_DELETE = _take  # noqa: N815 # because http.server wants these names

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Fake(ThreadingHTTPServer):
    """`answers["GET /path"]` is (status, body) or takes the request; a list of them is answered one after another."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.asked: list[Handler] = []
        self.answers: dict[str, Any] = {}
        self.url = f"http://127.0.0.1:{self.server_port}"

    def take(self, request: Handler) -> None:
        answer = self.answers.get(f"{request.command} {request.path.partition('?')[0]}", (404, errors("not here")))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer(request)
        else:
            request.answer(*answer)

    def requests(self) -> list[str]:
        return [f"{each.command} {each.path}" for each in self.asked]

    def handle_error(self, *_: object) -> None:
        """A client that went away is no fault of the fake's."""


def errors(*details: str, attribute: str = "", code: str = "invalid_parameter") -> dict[str, Any]:
    about = {"code": code, "title": "", "status": "422", "attribute": attribute}
    return {"errors": [{**about, "detail": each} for each in details]}


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Fake]:
    with Fake(context) as fake:
        thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield fake
        fake.shutdown()
        thread.join()
