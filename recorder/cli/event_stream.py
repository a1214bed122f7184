"""Server-sent events, read as https://html.spec.whatwg.org/multipage/server-sent-events.html has them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

RETRY_S = 2.0  # until a server says otherwise
MOST_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message, or without data a new `last_id` alone: what to send as Last-Event-ID from now on, if anything."""

    last_id: str | None
    kind: str
    data: str


@dataclass(frozen=True, slots=True)
class Retry:
    """So long is to be waited from now on before connecting again."""

    seconds: float


Piece: TypeAlias = Message | Retry


def messages(lines: Iterable[bytes], last_id: str | None = None) -> Iterator[Piece]:
    """The messages of a stream, given as lines with their ends, behind `last_id`; one that is cut off is none."""
    kind, data, is_told = "", list[str](), True
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if not text:
            if data or not is_told:
                yield Message(last_id, kind or "message", "\n".join(data))
            kind, data, is_told = "", [], True
        elif name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last_id, is_told = value, False
        elif name == "retry" and value.isascii() and value.isdigit():
            yield Retry(min(int(value[:9]) / 1000, MOST_RETRY_S))
