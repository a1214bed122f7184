"""How a command finds the service: by its options, else by the configuration; and whom it tells the token."""

import argparse
import ssl
from pathlib import Path
from typing import Any

import pytest

from recorder.cli import exits
from recorder.cli.access import add_access_options, base_url, client_of, service_of
from recorder.cli.client import NoAnswer
from recorder.cli.failed import Failed
from recorder.config.model import Config
from tests.cli.certificate import make
from tests.cli.fake import Fake, serving


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_access_options(parser, mqtt=True)
    return parser.parse_args(arguments)


def config(**keys: Any) -> Config:
    return Config(node_id="box", **keys)


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"http_listen": "0.0.0.0:80"}, "http://127.0.0.1:80"),
        ({"http_listen": "[::]:80"}, "http://[::1]:80"),
        ({"http_listen": "[fd00::5]:80"}, "http://[fd00::5]:80"),
        ({"http_listen": "192.0.2.7:80"}, "http://192.0.2.7:80"),
        ({"https_listen": "0.0.0.0:443"}, "http://127.0.0.1:8080"),
        ({"https_listen": "0.0.0.0:443", "http_listen": "off"}, "https://127.0.0.1:443"),
        ({"https_listen": "0.0.0.0:443", "token": "t"}, "https://127.0.0.1:443"),
        ({"https_listen": "0.0.0.0:443", "token": "t", "plain_http": True}, "http://127.0.0.1:8080"),
        ({"token": "t"}, "http://127.0.0.1:8080"),
    ],
)
def test_the_configuration_says_where_its_box_listens(keys: dict[str, Any], url: str) -> None:
    assert base_url(config(**keys)) == url


def test_no_listener_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(Failed, match="--url says where") as failed:
        base_url(config(http_listen="off"))
    assert failed.value.status == exits.CONFIG


def write(folder: Path, text: str) -> str:
    path = folder / "recorder.toml"
    path.write_text(f'node_id = "box"\nstate_dir = "{folder}"\n{text}')
    return str(path)


def sent_token(fake: Fake, *arguments: str) -> str | None:
    """What the fake is shown by a client of these options."""
    fake.answers["GET /x"] = (200, {"a": 1})
    client_of(options(*arguments)).get("/x", "a")
    shown: str | None = fake.asked[-1].headers.get("Authorization")
    return shown


def test_the_token_of_the_configuration_goes_to_its_own_box_only(fake: Fake, tmp_path: Path) -> None:
    listen = f'http_listen = "127.0.0.1:{fake.server_port}"\nplain_http = true\ntoken = "own"\n'
    path = write(tmp_path, listen)
    assert sent_token(fake, "--config", path) == "Bearer own"
    assert sent_token(fake, "--url", fake.url) is None
    assert sent_token(fake, "--config", path, "--url", fake.url) == "Bearer own"  # both were named


def test_a_given_token_goes_first(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, f'http_listen = "127.0.0.1:{fake.server_port}"\nplain_http = true\ntoken = "own"\n')
    monkeypatch.setenv("RECORDER_TOKEN", "environ")
    assert sent_token(fake, "--config", path) == "Bearer environ"
    assert sent_token(fake, "--url", fake.url) == "Bearer environ"
    assert sent_token(fake, "--url", fake.url, "--token", "given") == "Bearer given"


def test_a_token_that_may_command_is_chosen(fake: Fake, tmp_path: Path) -> None:
    tokens = '[tokens.a]\ntoken = "looks"\nread_only = true\n[tokens.b]\ntoken = "does"\n'
    path = write(tmp_path, f'http_listen = "127.0.0.1:{fake.server_port}"\nplain_http = true\n{tokens}')
    assert sent_token(fake, "--config", path) == "Bearer does"


def test_every_fault_of_the_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failed) as failed:
        client_of(options("--config", write(tmp_path, "nonsense = 1\nring_seconds = true\n")))
    assert failed.value.status == exits.CONFIG
    assert len(failed.value.faults) == 2


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://u:p@x", "http://x?y=1", "x"])
def test_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SystemExit):
        options("--url", url)


def test_token_that_can_be_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options("--token", "a\r\nX: b")
    assert "must be at most" in capsys.readouterr().err


def test_ca_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"--ca: .*nowhere: No such file") as failed:
        client_of(options("--url", "https://localhost", "--ca", str(tmp_path / "nowhere")))
    assert failed.value.status == exits.NO_INPUT


def test_ca_without_a_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("nothing\n")
    with pytest.raises(Failed, match="--ca: "):
        client_of(options("--url", "https://localhost", "--ca", str(tmp_path / "empty")))


def test_mqtt_goes_by_the_configuration(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    with pytest.raises(Failed, match="has no url") as failed:
        service_of(options("--config", path, "--mqtt"))
    assert failed.value.status == exits.CONFIG
    with pytest.raises(Failed, match="are for HTTP") as failed:
        service_of(options("--mqtt", "--url", "http://localhost"))
    assert failed.value.status == exits.USAGE


def test_a_broker_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    path = write(tmp_path, '[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')
    with (
        pytest.raises(Failed, match=r"no answer from mqtt://127\.0\.0\.1:1") as failed,
        service_of(options("--config", path, "--mqtt")),
    ):
        pass
    assert failed.value.status == exits.UNAVAILABLE


def test_own_certificate_is_trusted_and_no_other(tmp_path: Path) -> None:
    """Whatever names stand in it: where it is, is known."""
    cert, key = make(tmp_path, "elsewhere.example")
    for shown, name in ((cert, "elsewhere.example"), (make(tmp_path, "127.0.0.1")[0], "127.0.0.1")):
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(shown, tmp_path / f"{name}.key")
        with serving(server) as fake:
            fake.answers["GET /x"] = (200, {"a": 1})
            listen = f'https_listen = "127.0.0.1:{fake.server_port}"\nhttp_listen = "off"\n'
            path = write(tmp_path, f'{listen}https_cert = "{cert}"\nhttps_key = "{key}"\n')
            client = client_of(options("--config", path))
            if shown == cert:
                assert client.get("/x", "a") == {"a": 1}
            else:
                with pytest.raises(NoAnswer, match="its certificate is not trusted"):
                    client.get("/x", "a")
