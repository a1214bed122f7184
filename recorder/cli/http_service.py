"""The service over HTTP."""

import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from recorder.cli.client import Client, NoAnswer, Refusal, segment
from recorder.cli.event_stream import RETRY_S, Message, Retry, messages
from recorder.cli.service import Connected, Event, Lost, Told

PASSING = (429, 500, 502, 503, 504)  # statuses that a later attempt may not meet


class HttpService:
    """A Service."""

    def __init__(self, client: Client, wait: Callable[[float], object] = time.sleep) -> None:
        self._client = client
        self._wait = wait

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        """Every request had its own connection."""

    def lines(self) -> list[dict[str, Any]]:
        """As Service says."""
        lines: list[dict[str, Any]] = self._client.get("/api/v1/lines", "lines")["lines"]
        return lines

    def command(self, line: str, command: Mapping[str, Any]) -> dict[str, Any]:
        """As Service says."""
        try:
            answer: dict[str, Any] = self._client.ask("POST", f"/api/v1/lines/{segment(line)}/commands", command)
        except Refusal as refusal:
            return {"status": "error", "code": refusal.http_status, "errors": refusal.errors}
        return answer

    def follow(self, after: int | None = None) -> Iterator[Told]:
        """As Service says. A first attempt that fails is raised; later ones are told as Lost."""
        last, retry_s, was_connected = None if after is None else str(after), RETRY_S, False
        while True:
            headers = {} if last is None else {"Last-Event-ID": last}
            try:
                with self._client.open("GET", "/api/v1/events/stream", headers=headers) as response:
                    was_connected = True
                    yield Connected()
                    for each in messages(response, last):
                        match each:
                            case Retry(seconds):
                                retry_s = seconds
                            case Message(last, _, text):
                                if text:
                                    yield Event(text)
                    why = "the service ended the stream"
            except (NoAnswer, Refusal) as failed:
                if not was_connected or (isinstance(failed, Refusal) and failed.http_status not in PASSING):
                    raise
                why = failed.faults[0]
            yield Lost(why)
            self._wait(retry_s)
