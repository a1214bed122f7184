"""Who may ask: tokens over HTTPS with the box's own certificate, plain HTTP, loopback; what is in the log."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509

from tests.box import Box
from tests.ports import free_port
from tests.system.api import Raw, box_of, fault, port_of
from tests.waiting import PATIENCE_S, until

TOKEN, READER = "kept-secret-0123456789", "reading-secret-9876543210"
PROJECT = "p-1"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box with tokens, HTTPS on an address that no client takes for loopback, and plain HTTP without tokens."""
    folder = tmp_path_factory.mktemp("box")
    tokens = {"tokens.wallboard": {"token": READER, "read_only": True}}
    https = f"127.0.0.2:{free_port()}"
    with box_of(folder, token=TOKEN, project_id=PROJECT, https_listen=https, log_level="debug", **tokens) as box:
        box.https = f"https://{https}"
        box.ca = str(folder / "state/tls/ca.crt")
        box.until_ready()
        yield box


def get(box: Any, path: str, token: str | None = TOKEN, **more: Any) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.get(box.https + path, headers=headers, verify=box.ca, timeout=20, **more)


@pytest.mark.parametrize(
    ("authorization", "method", "path", "status"),
    [
        (None, "GET", "/api/v1/lines", 401),
        (None, "GET", "/metrics", 401),
        (None, "GET", "/openapi.json", 401),
        (None, "GET", "/api/v1/events/stream", 401),
        (None, "GET", "/recordings/00000000-0000-7000-8000-000000000000.wav", 401),
        (None, "POST", "/api/v1/lines/front/commands", 401),
        (None, "DELETE", "/api/relay/rest/recordings/x", 401),
        (None, "GET", "/healthz", 200),
        (None, "GET", "/readyz", 200),
        (None, "GET", "/", 200),
        (TOKEN, "GET", "/api/v1/lines", 200),
        (TOKEN, "GET", "/metrics", 200),
        (TOKEN, "GET", "/openapi.json", 200),
        (TOKEN, "POST", "/api/v1/lines/front/commands", 415),
        (READER, "GET", "/api/v1/lines", 200),
        (READER, "GET", "/api/relay/rest/recordings", 200),
        (READER, "POST", "/api/v1/lines/front/commands", 403),
        (READER, "POST", "/api/calling/calls", 403),
        (READER, "DELETE", "/api/relay/rest/recordings/x", 403),
        ("wrong", "GET", "/api/v1/lines", 401),
    ],
)
def test_the_table_of_access(box: Any, authorization: str | None, method: str, path: str, status: int) -> None:
    headers = {} if authorization is None else {"Authorization": f"Bearer {authorization}"}
    answer = requests.request(method, box.https + path, headers=headers, verify=box.ca, timeout=20)
    assert answer.status_code == status
    if status == 401:
        assert fault(answer)[1] == "unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_basic_is_project_id_and_token(box: Any) -> None:
    def ask(user: str, password: str) -> int:
        return requests.get(f"{box.https}/api/v1/lines", auth=(user, password), verify=box.ca, timeout=20).status_code

    assert [ask(PROJECT, TOKEN), ask(PROJECT, READER), ask("other", TOKEN), ask(PROJECT, "")] == [200, 200, 401, 401]


def test_tokens_are_not_taken_in_the_clear(box: Any) -> None:
    answer = requests.get(f"{box.http}/api/v1/lines", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    assert fault(answer) == (403, "tls_required", "")
    assert fault(requests.get(f"{box.http}/api/v1/lines", timeout=20))[0] == 401


def test_a_signed_link_needs_no_token_and_a_token_no_link(box: Any) -> None:
    started = box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})
    box.end_of(started["recording_id"])
    assert started["url"].startswith(
        f"https://{socket.gethostname().lower()}:{box.https.rpartition(':')[2]}/recordings/"
    )
    path = started["url"][started["url"].index("/recordings/") :]
    assert get(box, path, None).status_code == 200
    assert get(box, path + "0", None).status_code == 403
    assert get(box, path + "0", READER).status_code == 200
    assert get(box, path.partition("?")[0], READER).status_code == 200
    assert get(box, path.partition("?")[0], None).status_code == 401
    assert requests.get(box.http + path, timeout=20).status_code == 200


def test_no_secret_is_in_any_log_line(box: Any) -> None:
    started = box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})
    signature = started["url"].rpartition("=")[2]
    get(box, started["url"][started["url"].index("/recordings/") :], None)
    get(box, "/api/v1/lines?token=" + TOKEN)
    get(box, "/api/v1/lines", READER)
    get(box, "/api/v1/lines", "wrong-" + TOKEN)
    until(lambda: " wallboard " in box.log("serve"))
    log = box.log("serve")
    assert "GET /recordings/" in log
    for secret in (TOKEN, READER, signature, "sig=", "?"):
        assert secret not in log


def test_the_certificate_names_where_the_box_is_found(box: Any) -> None:
    folder = Path(box.ca).parent
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert modes == {"ca.crt": 0o644, "ca.key": 0o600, "server.crt": 0o644, "server.key": 0o600}
    leaf = x509.load_pem_x509_certificate((folder / "server.crt").read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    host = socket.gethostname().lower()
    assert {host, f"{host}.local", "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1", "127.0.0.2"} <= set(map(str, names.get_values_for_type(x509.IPAddress)))
    port = int(box.https.rpartition(":")[2])
    context = ssl.create_default_context(cafile=box.ca)
    for name in (host, f"{host}.local", "localhost", "127.0.0.2"):
        with (
            socket.create_connection(("127.0.0.2", port)) as plain,
            context.wrap_socket(plain, server_hostname=name) as tls,
        ):
            assert tls.version() in {"TLSv1.2", "TLSv1.3"}
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.2", port)) as plain:
        context.wrap_socket(plain, server_hostname="elsewhere.example")


def test_the_certificate_is_kept_over_a_restart_and_mended_when_broken(tmp_path: Path) -> None:
    https = free_port()
    with box_of(tmp_path, https_listen=f"127.0.0.1:{https}") as box:
        box.until_ready()
        folder = tmp_path / "state/tls"
        made = {file.name: file.read_bytes() for file in folder.iterdir()}
        box.kill("serve", 15)
        box.start("serve")
        box.until_ready()
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == made
        box.kill("serve", 15)
        (folder / "server.crt").write_text("nonsense")
        box.start("serve")
        box.until_ready()
        again = {file.name: file.read_bytes() for file in folder.iterdir()}
        assert (again["ca.crt"], again["ca.key"]) == (made["ca.crt"], made["ca.key"])
        answer = requests.get(f"https://localhost:{https}/readyz", verify=str(folder / "ca.crt"), timeout=20)
        assert answer.status_code == 200


def test_an_own_certificate_is_shown(box: Any, tmp_path: Path) -> None:
    folder, https = Path(box.ca).parent, free_port()
    own = {"https_cert": str(folder / "server.crt"), "https_key": str(folder / "server.key")}
    with box_of(tmp_path, https_listen=f"127.0.0.1:{https}", **own) as other:
        other.until_ready()
        assert requests.get(f"https://localhost:{https}/healthz", verify=box.ca, timeout=20).text == "ok\n"
        assert not (tmp_path / "state/tls").exists()


# Plain HTTP.


def test_plain_http_takes_tokens_where_it_may(tmp_path: Path) -> None:
    with box_of(tmp_path, token=TOKEN, plain_http=True) as box:
        box.until_ready()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert requests.get(f"{box.http}/api/v1/lines", headers=headers, timeout=20).status_code == 200
        tried = [
            requests.get(f"{box.http}/api/v1/lines", headers={"Authorization": f"Bearer {n}"}, timeout=20)
            for n in range(12)
        ]
        assert [each.status_code for each in tried] == [401] * 10 + [429] * 2
        assert int(tried[-1].headers["Retry-After"]) > 0
        assert requests.get(f"{box.http}/api/v1/lines", headers=headers, timeout=20).status_code == 200


@pytest.mark.parametrize("listen", ["http_listen", "https_listen"])
def test_a_public_address_without_a_token_is_a_configuration_error(tmp_path: Path, listen: str) -> None:
    box = Box(tmp_path, {}, **{listen: "0.0.0.0:8081"})
    run = subprocess.run(
        [sys.executable, "-m", "recorder", "serve", "--config", str(box.config)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 78
    assert f"{listen}: 0.0.0.0:8081 can be reached from elsewhere: that needs a token" in run.stderr


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        box = Box(tmp_path, {}, http_listen=f"127.0.0.1:{taken.getsockname()[1]}")
        process = box.start("serve")
        assert process.wait(PATIENCE_S) == 73
        assert "address already in use" in box.log("serve")


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost", None, 200),
        ("127.0.0.1:1", None, 200),
        ("evil.example", None, 403),
        ("127.0.0.1.evil.example", None, 403),
        ("localhost", "http://evil.example", 403),
        ("localhost", "null", 403),
        ("localhost", "http://localhost", 200),
    ],
)
def test_a_rebound_name_and_a_foreign_page_are_refused(
    loopback: Box, host: str, origin: str | None, status: int
) -> None:
    more = "" if origin is None else f"Origin: {origin}\r\n"
    for path in ("/api/v1/lines", "/healthz"):
        with Raw(port_of(loopback)) as raw:
            got = raw.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n").answer()
            assert got[0] == status
            if status == 403:
                assert got[1]["content-type"].startswith("application/json")


def test_two_hosts_are_one_too_many(loopback: Box) -> None:
    with Raw(port_of(loopback)) as raw:
        status, _, _ = raw.send("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n").answer()
        assert status in {400, 403}


@pytest.fixture(scope="module")
def loopback(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box without a token."""
    with box_of(tmp_path_factory.mktemp("loopback")) as box:
        box.until_ready()
        yield box
