"""Requests: each goes to the desk, and its answer to where it is expected."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from recorder.bridge.answers import answer_bytes, refusal
from recorder.bridge.desk import Desk
from recorder.bridge.exchange import answer_to
from recorder.bridge.mqtt.messages import Publication, Request, Verdict
from recorder.bridge.mqtt.topics import Topics
from recorder.contract.faults import Refused, refused
from recorder.contract.ids import line_id
from recorder.contract.json_text import read_json
from recorder.contract.quoting import shown
from recorder.contract.values import Unfit

log = logging.getLogger(__name__)

MOST_CORRELATION_BYTES = 256
MOST_OPEN_BYTES = 16 << 20  # of requests that wait for their answer, as `record` does for a recording's end
BESIDE_BYTES = 4096  # of one, beside its payload and Correlation Data


class Requests:
    """Answers requests; `publish` takes the answers. They are begun in the order in which they came."""

    def __init__(
        self, desk: Desk, topics: Topics, prefixes: Sequence[str], publish: Callable[[Publication], None]
    ) -> None:
        """`prefixes` are those below which a Response Topic may lie."""
        self._desk = desk
        self._topics = topics
        self._prefixes = prefixes
        self._publish = publish
        self._open: set[asyncio.Task[None]] = set()
        self._open_bytes = 0

    def take(self, request: Request) -> None:
        """Carry the request out, and answer it."""
        line = self._topics.line_of(request.topic)
        if request.retained:
            # A command is for the moment in which it is sent: a kept one would be carried out at each connect.
            log.warning("mqtt: a retained request is ignored: topic %s", shown(request.topic))
        elif line is None:
            log.debug("mqtt: nothing listens on topic %s", shown(request.topic))  # as a twin may have subscribed it
        else:
            task = asyncio.create_task(self._answer(line, request))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def stop(self, within_s: float) -> None:
        """Let those end that do at once; who waits for the end of a recording does not."""
        if self._open:
            _, waiting = await asyncio.wait(self._open, timeout=within_s)
            for task in waiting:
                task.cancel()

    async def _answer(self, line: str, request: Request) -> None:
        topic, correlation = self._where_to(line, request), request.correlation
        answer = await self._taken(line, request)
        if correlation is not None and len(correlation) > MOST_CORRELATION_BYTES:
            log.warning("mqtt: Correlation Data of %d bytes is left out of the answer", len(correlation))
            correlation = None
        if topic is not None:
            told = partial(_told, topic)
            self._publish(Publication(topic, answer_bytes(answer), correlation=correlation, settled=told))

    async def _taken(self, line: str, request: Request) -> dict[str, Any]:
        """The response object; a refusal (503) where too much waits already."""
        held = len(request.payload) + len(request.correlation or b"") + BESIDE_BYTES
        if self._open_bytes + held > MOST_OPEN_BYTES:
            return refusal(refused(503, "limit_reached", "", "too many requests wait for their answers: no more may"))
        self._open_bytes += held
        try:
            return await answer_to(self._desk, line, read_request(request.payload), request.arrived_ns)
        except Refused as refusing:
            return refusal(refusing)
        finally:
            self._open_bytes -= held

    def _where_to(self, line: str, request: Request) -> str | None:
        """The topic of the answer; None: there is none, as for a line that can't be."""
        asked = request.response_topic
        if asked is not None:
            if self._topics.may_answer_on(asked, self._prefixes):
                return asked
            log.warning("mqtt: Response Topic %s is not used: it is not below response_prefixes", shown(asked))
        try:
            return self._topics.of_line(line_id(line), "response")
        except Unfit:
            log.warning("mqtt: a request for line %s can't be answered", shown(line))
            return None


def _told(topic: str, verdict: Verdict) -> None:
    if verdict.is_refusal:
        log.warning("mqtt: an answer on topic %s is refused by the broker: %s", shown(topic), verdict.name)


def read_request(payload: bytes) -> object:
    """What a payload spells in JSON, or an object in YAML's blocks. Raises Refused (400, 413)."""
    try:
        return read_json(payload)
    except Refused as no_json:
        if payload.lstrip()[:1] in (b"", b"{", b"[") or no_json.status != 400:
            raise
        from recorder.contract.yaml_text import read_yaml  # noqa: PLC0415 # because most boxes never see any

        try:
            value = read_yaml(payload)
        except Refused:
            raise no_json from None
        if not isinstance(value, dict):
            raise
        return value
