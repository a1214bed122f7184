"""What goes over the wire, and TLS."""

import asyncio
import base64
import ssl
import subprocess
from pathlib import Path

import pytest

from recorder.bridge.webhook.addresses import Judge
from recorder.bridge.webhook.post import NoAnswer, Poster
from recorder.bridge.webhook.target import Target, shown
from tests.fixtures.receiver import Receiver


@pytest.mark.parametrize(
    ("url", "on_the_line", "receiver"),
    [
        ("http://Example.COM", "http://example.com/", "http://example.com:80"),
        ("HTTPS://a:443/X?Y=z#part", "https://a/X?Y=z", "https://a:443"),
        ("http://a:443/", "http://a:443/", "http://a:443"),
        ("https://u:p@a:8443/%7e%2F;x=1?b=%20+c", "https://a:8443/%7e%2F;x=1?b=%20+c", "https://a:8443"),
        ("http://[2001:DB8::1]:80?x", "http://[2001:db8::1]/?x", "http://[2001:db8::1]:80"),
        ("http://a//b/../c", "http://a//b/../c", "http://a:80"),
    ],
)
def test_a_url_is_signed_as_it_stands_on_the_request_line(url: str, on_the_line: str, receiver: str) -> None:
    target = Target.of(url)
    assert (target.url, target.receiver) == (on_the_line, receiver)


@pytest.mark.parametrize(("user_info", "pair"), [("u:p@", "u:p"), ("u@", "u:"), ("u%20:p%40%C3%BC@", "u :p@\u00fc")])
def test_user_info_is_basic(user_info: str, pair: str) -> None:
    authorization = Target.of(f"https://{user_info}a/").authorization
    assert authorization == "Basic " + base64.b64encode(pair.encode()).decode()


def test_a_url_is_shown_without_its_secrets() -> None:
    assert shown("https://u:p@a/b?token=1#c") == "https://a/b"


@pytest.mark.parametrize("path", ["/a%20b?c=%2F&d=%C3%BC", "//x/../y", "/%7Etilde?a+b", "/x?", "/;p=1?q=a=b&&"])
async def test_not_one_character_of_the_signed_url_changes_on_the_way(path: str) -> None:
    with Receiver() as receiver:
        poster = Poster(Judge([f"127.0.0.1:{receiver.port}"], ()), None)
        target = Target.of(receiver.url(path))
        await poster.post(target, b"{}", {})
        await poster.close()
        (got,) = receiver.got
        assert target.url == receiver.url(got.target)


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for a host name: the file that makes it trusted, and a server's context."""
    file, key = folder / "certificate.pem", folder / "key.pem"
    made = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout {key} -out {file}"
    command = ["openssl", *made.split(), "-subj", "/CN=receiver", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context


async def posted(receiver: Receiver, ca: Path | None, host: str = "localhost") -> int:
    poster = Poster(Judge([f"127.0.0.1:{receiver.port}", f"localhost:{receiver.port}"], ()), ca)
    try:
        return (await poster.post(Target.of(receiver.url("/", host=host)), b"{}", {})).status
    finally:
        await poster.close()


async def test_tls_trusts_an_authority_of_one_s_own_and_no_other(tmp_path: Path) -> None:
    trusted, context = certificate(tmp_path, "localhost")
    with Receiver(context=context) as receiver:
        assert await posted(receiver, trusted) == 200
        with pytest.raises(NoAnswer, match="certificate verify failed"):
            await posted(receiver, None)
        with pytest.raises(NoAnswer, match="certificate is not valid for"):
            await posted(receiver, trusted, host="127.0.0.1")
        assert len(receiver.got) == 1


async def test_nobody_listening_is_told_as_such() -> None:
    with Receiver() as receiver:
        pass
    with pytest.raises(NoAnswer, match="Connect"):
        await posted(receiver, None)


async def test_a_host_that_can_be_no_name_is_no_traceback() -> None:
    poster = Poster(Judge([], ()), None)
    with pytest.raises(NoAnswer):
        await poster.post(Target.of(f"http://{'a' * 200}.example/"), b"{}", {})
    await poster.close()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "closed without an answer"),
        (b"secret\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nsecret", "closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nX-Secret: " + b"secret" * 2000 + b"\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsecret", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n", "no HTTP"),
    ],
)
async def test_nothing_of_an_answer_that_is_none_is_told(answer: bytes, told: str) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    poster = Poster(Judge([f"127.0.0.1:{port}"], ()), None)
    with pytest.raises(NoAnswer, match=told) as raised:
        await poster.post(Target.of(f"http://127.0.0.1:{port}/hook?key=secret"), b"{}", {})
    assert "secret" not in str(raised.value)
    await poster.close()
    server.close()
