"""What is thrown at the HTTP door: broken requests, injection, slow clients by the thousand."""

import gzip
import json
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
import requests

from tests.box import Box
from tests.ports import free_port
from tests.system.api import Raw, box_of, port_of
from tests.waiting import until

HOLDERS = 10_000


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with box_of(tmp_path_factory.mktemp("box")) as box:
        box.until_ready()
        yield box


def is_json_error(status: int, headers: dict[str, str], expected: int) -> bool:
    assert status == expected
    assert headers["content-type"].startswith("application/json")
    assert headers["x-request-id"]
    assert headers["server"] == "recorder"
    assert headers["x-content-type-options"] == "nosniff"
    return True


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: localhost\r\nBroken\r\n\r\n", 400),
        ("NONSENSE\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        ("GET / HTTP/9.9\r\n\r\n", 400),
        ("GET /" + "a" * 20_000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a" * 20_000 + "\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: a\r\n" * 1000 + "\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n\r\n", 417),
        ("GET /nowhere HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n\r\n", 417),
        ("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("PATCH / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("OPTIONS /api/v1/lines HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("TRACE /api/v1/lines HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("GET http://evil.example/api/v1/lines HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        ("GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    ],
)
def test_every_error_is_json_with_a_request_id(box: Box, request_text: str, status: int) -> None:
    with Raw(port_of(box)) as raw:
        got, headers, _ = raw.send(request_text).answer()
        assert is_json_error(got, headers, status)
        assert "set-cookie" not in headers


@pytest.mark.parametrize("name", ["X-Request-Id", "Idempotency-Key", "Last-Event-ID", "Range", "If-None-Match"])
@pytest.mark.parametrize(
    "value", ["a\nSet-Cookie: a=b", "a\rSet-Cookie: a=b", "\x00", "\x7f\xff", "%0d%0aSet-Cookie: a=b"]
)
def test_no_header_escapes_its_field(box: Box, name: str, value: str) -> None:
    with Raw(port_of(box)) as raw:
        raw.send(f"GET /api/v1/lines HTTP/1.1\r\nHost: localhost\r\n{name}: {value}\r\n\r\n")
        status, headers, _ = raw.answer()
        assert status in {200, 400}
        assert "set-cookie" not in headers
        assert "\n" not in "".join(headers.values())


def test_no_log_line_is_forged(box: Box) -> None:
    with Raw(port_of(box)) as raw:
        raw.send("GET /x%0aCRITICAL%20forged HTTP/1.1\r\nHost: localhost\r\n\r\n").answer()
        raw.send("GET /y\x0bz HTTP/1.1\r\nHost: localhost\r\n\r\n").answer()
    assert not any(line.startswith("CRITICAL") for line in box.log("serve").splitlines())


def test_sql_in_a_field_is_text(box: Box) -> None:
    evil = "'); DROP TABLE recordings; --"
    started = box.until_ok({"line": "front", "record_call": {"control_id": evil, "max_length": 0.1}})
    assert started["control_id"] == evil
    box.end_of(started["recording_id"])
    path = f"{box.http}/api/v1/recordings"
    assert requests.get(path, params={"call": "x';--"}, timeout=20).json() == {"recordings": []}
    [newest] = requests.get(path, params={"limit": 1}, timeout=20).json()["recordings"]
    assert newest["control_id"] == evil


def test_a_body_over_the_limit_is_413_also_in_chunks(box: Box) -> None:
    head = "POST /api/v1/lines/front/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with Raw(port_of(box)) as raw:
        assert raw.send(head + f"Content-Length: {1 << 40}\r\n\r\n").answer()[0] == 413
    with Raw(port_of(box)) as raw:
        raw.send(head + "Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        try:
            for _ in range(40):
                raw.send(chunk)
        except OSError:
            pass  # it had enough, and says why
        status, _, body = raw.answer()
        assert status == 413
        assert json.loads(body)["code"] == 413  # as every answer to a command


def test_what_does_not_come_in_time_ends_its_connection(box: Box) -> None:
    port = port_of(box)
    with Raw(port, 30) as silent, Raw(port, 30) as slow, Raw(port, 30) as bodiless:
        slow.send("GET / HTTP/1.1\r\nHost: local")
        bodiless.send("POST /api/v1/lines/front/commands HTTP/1.1\r\nHost: localhost\r\n")
        bodiless.send("Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        status, headers, _ = bodiless.answer()
        assert is_json_error(status, headers, 408)
        assert silent.is_closed()
        assert slow.is_closed()


def test_a_gzip_bomb_is_413(box: Box) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = requests.post(f"{box.http}/api/v1/lines/front/commands", data=bomb, headers=headers, timeout=20)
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("Content-Encoding: gzip\r\nContent-Length: 12", "{} not coded"),
        ("Content-Encoding: deflate\r\nContent-Length: 12", "{} not coded"),
        ("Transfer-Encoding: chunked", "ZZ\r\n"),
        ("Transfer-Encoding: chunked", '5\r\n{"com\r\nZZ\r\n'),
    ],
)
@pytest.mark.parametrize("packets", [1, 2])
def test_a_body_that_is_not_coded_as_it_says_is_refused_at_once(box: Box, coding: str, body: str, packets: int) -> None:
    head = "POST /api/v1/lines/front/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with Raw(port_of(box)) as raw:
        if packets == 2:
            raw.send(f"{head}{coding}\r\nExpect: 100-continue\r\n\r\n")
            assert raw.socket.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
            raw.send(body)
        else:
            raw.send(f"{head}{coding}\r\n\r\n{body}")
        status, headers, _ = raw.answer()
        assert is_json_error(status, headers, 400)
        assert raw.is_closed()
    assert "Traceback" not in box.log("serve")


class Holders:
    """Connections opened as fast as they go and held, each with an unfinished request, in two threads."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stopping = threading.Event()
        self.opened = 0
        self._threads = [threading.Thread(target=self._hold, daemon=True) for _ in range(2)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(20)

    def _hold(self) -> None:
        held: list[socket.socket] = []
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4
        while not self._stopping.is_set():
            try:
                one = socket.create_connection(("127.0.0.1", self._port), timeout=5)
                one.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            except OSError:
                continue
            self.opened += 1
            held.append(one)
            if len(held) > most:
                held.pop(0).close()
        for one in held:
            one.close()


def test_ten_thousand_slow_connections_kill_nobody(box: Box) -> None:
    started = box.until_ok({"line": "front", "record_call": {"control_id": "through-it-all"}})
    with Holders(port_of(box)) as holders:
        until(lambda: holders.opened > 600, 30)
        answered = 0
        while holders.opened < HOLDERS:
            try:
                answered += requests.get(f"{box.http}/healthz", timeout=10).status_code == 200
            except requests.ConnectionError:
                continue  # closed for a newcomer: a client comes again
            stop = {"command": "digit", "params": {"digit": "1"}}
            assert box.ask({"line": "front", **stop})["code"] == 200
        assert answered > 10
    metrics = until(lambda: requests.get(f"{box.http}/metrics", timeout=10).text)
    told = {
        line.split()[0]: float(line.split()[1]) for line in metrics.splitlines() if line.startswith("recorder_http_c")
    }
    assert told["recorder_http_connections"] <= 128
    assert told["recorder_http_connections_turned_away_total"] > 1000
    about = {"control_id": "through-it-all"}
    box.until_ok({"line": "front", "command": "calling.record.stop", "params": about})
    assert box.end_of(started["recording_id"])["gap_count"] == 0
    assert "Traceback" not in box.log("serve")


def test_handshakes_that_never_come_keep_nobody_out(tmp_path: Path) -> None:
    https = free_port()
    with box_of(tmp_path, https_listen=f"127.0.0.1:{https}") as box, ExitStack() as held:
        box.until_ready()
        for number in range(400):
            raw = held.enter_context(Raw(https))
            if number % 2:
                raw.send("\x16\x03\x01" if number % 4 == 1 else "GET / HTTP/1.1\r\n\r\n")
        ca = str(tmp_path / "state/tls/ca.crt")
        assert requests.get(f"https://localhost:{https}/healthz", verify=ca, timeout=20).text == "ok\n"
        metrics = requests.get(f"{box.http}/metrics", timeout=20).text
        [told] = (line for line in metrics.splitlines() if line.startswith("recorder_http_connections "))
        assert 1 <= float(told.split()[1]) <= 128
        assert "Traceback" not in box.log("serve")


def test_head_is_get_without_a_body(box: Box) -> None:
    for path in ("/", "/healthz", "/api/v1/lines", "/api/v1/recordings", "/metrics", "/api/v1/events/stream"):
        answer = requests.head(box.http + path, timeout=20)
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("lines/front/commands", {"record_call": {"max_length": 0.2}}),
        ("lines/front/swml", {"sections": {"main": [{"record": {"max_length": 0.2, "initial_timeout": 0}}]}}),
    ],
)
def test_a_client_that_says_that_it_sends_no_more_is_answered_all_the_same(box: Box, path: str, said: object) -> None:
    body = json.dumps(said)
    head = f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with Raw(port_of(box)) as raw:
        raw.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}").socket.shutdown(socket.SHUT_WR)
        status, _, answer = raw.answer()
        assert (status, "record" in str(answer)) == (200, True)
        assert raw.is_closed()


@pytest.mark.parametrize("sent", ["", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"])
def test_a_client_that_sends_no_more_before_it_has_asked_is_let_go_at_once(box: Box, sent: str) -> None:
    with Raw(port_of(box), timeout=5) as raw:
        raw.send(sent).socket.shutdown(socket.SHUT_WR)
        assert raw.is_closed()


def test_an_event_stream_ends_with_its_client(box: Box) -> None:
    with Raw(port_of(box), timeout=5) as raw:
        raw.send("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert raw.socket.recv(12) == b"HTTP/1.1 200"
        raw.socket.shutdown(socket.SHUT_WR)
        assert raw.is_closed()


def test_a_client_that_leaves_in_the_middle_is_no_fault(box: Box) -> None:
    head = "POST /api/v1/lines/front/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with Raw(port_of(box)) as raw:
        raw.send(head + "Content-Length: 100\r\n\r\n{")
    with Raw(port_of(box)) as raw:
        raw.send("GET /api/v1/events/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert requests.get(f"{box.http}/healthz", timeout=20).status_code == 200
    until(lambda: "commands 499" in box.log("serve") or "commands 400" in box.log("serve"))
    assert "Traceback" not in box.log("serve")
