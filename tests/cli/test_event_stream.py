"""Server-sent events: the parser, and a stream that is lost and found again."""

import pytest

from recorder.cli.client import Client, NoAnswer, Refusal
from recorder.cli.event_stream import Message, Retry, messages
from recorder.cli.http_service import HttpService
from recorder.cli.service import Connected, Event, Lost
from tests.cli.fake import Fake, Handler, errors

STREAM = "GET /api/v1/events/stream"


def read(text: str, last_id: str | None = None) -> list[object]:
    return list(messages(text.encode().splitlines(keepends=True), last_id))


def test_messages_carry_id_kind_and_data() -> None:
    assert read("id: 7\nevent: k\ndata: {}\n\ndata:a\ndata: b\r\n\r\n") == [
        Message("7", "k", "{}"),
        Message("7", "message", "a\nb"),
    ]


def test_comments_and_unknown_fields_are_nothing() -> None:
    assert read(": still here\n\nwhat: ever\n\n\n") == []


def test_message_cut_off_is_none() -> None:
    assert read("id: 1\ndata: a\n\nid: 2\ndata: b\n") == [Message("1", "message", "a")]


def test_an_id_alone_is_told() -> None:
    assert read("retry: 1500\nid: 4\n\n") == [Retry(1.5), Message("4", "message", "")]


def test_id_before_the_stream_holds_on() -> None:
    assert read("data: a\n\n", "9") == [Message("9", "message", "a")]


@pytest.mark.parametrize("value", ["x", "-1", "1.5", ""])
def test_unreadable_retry_is_ignored(value: str) -> None:
    assert read(f"retry: {value}\n") == []


def test_endless_retry_is_bounded() -> None:
    assert read("retry: 99999999999999\n") == [Retry(60.0)]


def streaming(text: str):
    def answer(asked: Handler) -> None:
        asked.send_response(200)
        asked.send_header("Content-Type", "text/event-stream")
        asked.end_headers()
        asked.wfile.write(text.encode())

    return answer


def test_a_lost_stream_is_gone_on_with_behind_the_last_event(fake: Fake) -> None:
    waited: list[float] = []
    fake.answers[STREAM] = [
        streaming("retry: 10\nid: 3\n\n"),
        (503, errors("too many")),
        streaming("id: 4\ndata: one\n\nid: 5\ndata: cut"),
        streaming("id: 5\ndata: two\n\n"),
        (401, errors("who are you")),
    ]
    told = HttpService(Client(fake.url), waited.append).follow()
    with pytest.raises(Refusal, match="who are you"):
        list(told)
    assert [each.headers.get("Last-Event-ID") for each in fake.asked] == [None, "3", "3", "4", "5"]
    assert waited == [0.01] * 4


def test_what_becomes_of_a_stream_is_told(fake: Fake) -> None:
    fake.answers[STREAM] = [streaming("id: 4\ndata: one\n\n"), (503, errors("too many")), streaming("data: two\n\n")]
    told = HttpService(Client(fake.url), lambda _: None).follow(after=3)
    got = [next(told) for _ in range(6)]
    ended = Lost("the service ended the stream")
    assert got == [Connected(), Event("one"), ended, Lost("too many"), Connected(), Event("two")]
    assert fake.asked[0].headers["Last-Event-ID"] == "3"


def test_no_service_at_first_is_raised() -> None:
    with pytest.raises(NoAnswer):
        next(HttpService(Client("http://127.0.0.1:1")).follow())
