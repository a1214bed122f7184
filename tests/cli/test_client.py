"""The HTTP client: what it sends, and what becomes of every answer that is none."""

import socket

import pytest

from recorder.cli import exits
from recorder.cli.client import Client, NoAnswer, Refusal, segment
from tests.cli.fake import Fake, errors


def test_token_goes_as_bearer_and_a_body_as_json(fake: Fake) -> None:
    fake.answers["POST /base/x"] = (200, {"a": 1})
    assert Client(f"{fake.url}/base/", "s3cret").ask("POST", "/x", {"b": 2}) == {"a": 1}
    [asked] = fake.asked
    assert asked.headers["Authorization"] == "Bearer s3cret"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.json == {"b": 2}


def test_nothing_is_authorized_without_a_token(fake: Fake) -> None:
    fake.answers["GET /x"] = (200, {"a": 1})
    Client(fake.url).get("/x", "a", {"q": "a b&c", "left_out": None})
    assert fake.requests() == ["GET /x?q=a+b%26c"]
    assert "Authorization" not in fake.asked[0].headers


def test_answer_without_a_body_is_none(fake: Fake) -> None:
    fake.answers["DELETE /x"] = (204,)
    assert Client(fake.url).ask("DELETE", "/x") is None


def test_every_fault_of_a_refusal_is_told(fake: Fake) -> None:
    fake.answers["GET /x"] = (422, errors("one", "two"))
    with pytest.raises(Refusal) as refusal:
        Client(fake.url).ask("GET", "/x")
    assert (refusal.value.status, refusal.value.http_status) == (exits.REFUSED, 422)
    assert refusal.value.faults == ("one", "two")


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>"),
        (200, [1]),
        (200, {"other": 1}),
        (301, None, {"Location": "http://127.0.0.1:9/"}),
        (500, b"<html>"),
        (500, {"errors": []}),
        (500, {"errors": [{"detail": "x"}]}),
        (500, {"errors": "x"}),
        (500, b"\xff\xfe"),
    ],
)
def test_answers_of_another_program_are_refusals_that_say_so(fake: Fake, answer: tuple[object, ...]) -> None:
    fake.answers["GET /x"] = answer
    with pytest.raises(Refusal, match="is none of a recorder"):
        Client(fake.url).get("/x", "lines")
    assert len(fake.asked) == 1


def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with pytest.raises(NoAnswer, match=f"no answer from http://127.0.0.1:{port}: Connection refused") as failed:
            Client(f"http://127.0.0.1:{port}").ask("GET", "/")
    assert failed.value.status == exits.UNAVAILABLE


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"garbage\r\n\r\n"])
def test_connection_that_breaks_is_no_answer(fake: Fake, sent: bytes) -> None:
    fake.answers["GET /x"] = lambda asked: asked.wfile.write(sent)
    with pytest.raises(NoAnswer):
        Client(fake.url).ask("GET", "/x")


def test_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder.cli.client.SILENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(NoAnswer, match=r"nothing came for 0\.1 s"):
        Client(f"http://127.0.0.1:{deaf.getsockname()[1]}").ask("GET", "/")


def test_a_name_stays_one_segment() -> None:
    assert segment("../a b/ü?#") == "..%2Fa%20b%2F%C3%BC%3F%23"
