"""The thread that talks to the broker, against brokers that no real one is like."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from recorder.bridge.mqtt.client import Broker
from recorder.bridge.mqtt.link import MOST_WAITING_BYTES, Link
from recorder.bridge.mqtt.messages import Publication, Request, Verdict
from recorder.bridge.mqtt.pace import Loss, Pace
from recorder.bridge.mqtt.topics import Topics
from recorder.config.model import MqttConfig
from tests.fixtures.broker import CONNACK, DISCONNECT, PUBREC, PUBREL, FakeBroker, packet, publish
from tests.waiting import until

TOPIC = "recorder/box/lines/front/request"
WELCOME = packet(CONNACK, b"\0\0\0")


class Ear:
    """Keeps what the link tells."""

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self.requests: list[Request] = []
        self.refusals: list[str] = []
        self.connects = 0
        self._told = asyncio.Event()

    def connected(self) -> None:
        self.connects += 1
        self._told.set()

    def lost(self, loss: Loss, retry_s: float) -> None:
        assert retry_s > 0
        self.losses.append(loss)
        self._told.set()

    def refused(self, what: str) -> None:
        self.refusals.append(what)
        self._told.set()

    def asked(self, request: Request) -> None:
        self.requests.append(request)
        self._told.set()

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self._told.clear()
                await self._told.wait()


class Hasty(Pace):
    """Waits for next to nothing."""

    def after(self, loss: Loss, lived_s: float) -> float:
        return min(super().after(loss, lived_s), 0.01)


@asynccontextmanager
async def linked(broker: FakeBroker) -> AsyncIterator[tuple[Link, Ear]]:
    ear = Ear()
    link = Link(Broker(MqttConfig(url=broker.url), Topics("recorder", "box")), Hasty(), ear)
    link.start()
    try:
        yield link, ear
    finally:
        await link.stop()


@pytest.mark.parametrize(
    "greeting",
    [
        b"\xff" * 100,
        packet(CONNACK, b"\0\0\xff\xff\xff\xff"),
        packet(CONNACK, b""),
        WELCOME + packet(3, b"\xff\xff"),
        WELCOME + packet(3, b""),
        WELCOME + packet(4, b"\0"),
        WELCOME + packet(3, b"\0\2\xff\xfe\0\1\0", 2) + packet(15, b""),
        packet(CONNACK, b"\0\x87\0"),
        packet(DISCONNECT, b"\x8b\0"),
    ],
    ids=["noise", "properties", "empty", "topic", "publish", "puback", "utf-8", "refusal", "shutting down"],
)
async def test_nonsense_ends_the_connection_and_no_more(greeting: bytes) -> None:
    with FakeBroker() as broker:
        broker.greetings = iter([greeting] * 3)
        async with linked(broker) as (link, ear):
            await ear.until(lambda: len(ear.losses) == 3)
            settled: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
            link.publish(Publication("recorder/box/x", b"", settled=settled.set_result))
            async with asyncio.timeout(20):
                assert not (await settled).is_refusal
    assert all(loss.why for loss in ear.losses)


async def test_a_command_came_when_its_publish_came() -> None:
    with FakeBroker() as broker:
        async with linked(broker) as (_, ear):
            await ear.until(lambda: ear.connects)
            before_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            broker.send(publish(TOPIC, b"{}"))
            await broker.until(lambda: PUBREC in broker.got)
            released_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            broker.send(packet(PUBREL, struct.pack("!H", 1), 2))
            await ear.until(lambda: ear.requests)
    assert before_ns <= ear.requests[0].arrived_ns <= released_ns


async def test_a_repeated_publish_of_quality_2_is_one_request() -> None:
    with FakeBroker() as broker:
        async with linked(broker) as (_, ear):
            await ear.until(lambda: ear.connects)
            for _ in range(2):
                broker.send(publish(TOPIC, b"once"))
            broker.send(packet(PUBREL, struct.pack("!H", 1), 2) * 2)
            broker.send(publish(TOPIC, b"then", qos=1, number=2))
            await ear.until(lambda: [each.payload for each in ear.requests] == [b"once", b"then"])


async def test_a_subscription_that_is_refused_is_told() -> None:
    with FakeBroker() as broker:
        broker.granted = 0x87
        async with linked(broker) as (_, ear):
            await ear.until(lambda: ear.refusals)
    assert "Not authorized" in ear.refusals[0]


async def test_a_loop_that_lags_behind_is_not_flooded() -> None:
    count, large = 64, publish(TOPIC, bytes(1 << 20), qos=0)
    with FakeBroker() as broker:
        async with linked(broker) as (link, ear):
            await ear.until(lambda: ear.connects)
            sending = asyncio.to_thread(lambda: [broker.send(large) for _ in range(count)])
            sent = asyncio.ensure_future(sending)
            await asyncio.sleep(0)  # it begins; then this loop stands still
            until(lambda: link._posted - link._taken >= MOST_WAITING_BYTES, 20, "a full queue")
            with pytest.raises(AssertionError):
                until(lambda: link._posted - link._taken > MOST_WAITING_BYTES + len(large), 0.3)
            await ear.until(lambda: len(ear.requests) == count)
            await sent


async def test_what_can_not_be_published_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with FakeBroker() as broker:
        async with linked(broker) as (link, ear):
            await ear.until(lambda: ear.connects)
            for topic in ("a/#", "x" * 70_000, "a/b"):
                link.publish(Publication(topic, b""))
            await broker.until(lambda: broker.published)
            assert [each.topic for each in broker.published] == ["a/b"]
    assert caplog.text.count("nothing can be published") == 2
