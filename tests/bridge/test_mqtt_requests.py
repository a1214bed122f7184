"""Requests that wait for their answers."""

import asyncio
import json

from recorder.bridge.answers import Answer
from recorder.bridge.mqtt.messages import Request
from recorder.bridge.mqtt.requests import MOST_OPEN_BYTES, Requests
from recorder.bridge.mqtt.topics import Topics

TOPICS = Topics("recorder", "box")
OTHER = {"response_topic": None, "correlation": None, "arrived_ns": 0}
PADDED = b" " * (1 << 19) + b'{"record": {}}'


class Desk:
    """Answers when it may."""

    def __init__(self):
        self.may = asyncio.Event()
        self.taken = 0

    async def take(self, _line, _command, _arrived_ns):
        self.taken += 1
        await self.may.wait()
        return Answer({})


async def test_what_waits_is_bounded_in_bytes_and_more_is_refused_until_there_is_room():
    desk, published = Desk(), []
    requests = Requests(desk, TOPICS, (), published.append)

    def ask():
        requests.take(Request(TOPICS.of_line("front", "request"), PADDED, retained=False, **OTHER))

    def codes():
        return [json.loads(each.payload)["code"] for each in published]

    wanted = MOST_OPEN_BYTES // len(PADDED) + 2
    for _ in range(wanted):
        ask()
    await asyncio.sleep(0)  # each has its first turn
    assert desk.taken * len(PADDED) <= MOST_OPEN_BYTES
    assert codes() == [503] * (wanted - desk.taken)
    desk.may.set()
    await requests.stop(10)
    ask()
    await requests.stop(10)
    assert codes()[-1] == 200
