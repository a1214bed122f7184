"""The outbox: wake-ups, time, and a clock that is set."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from recorder.bridge import delivery
from recorder.bridge.delivery import TRY_FOR_S, Outbox
from recorder.store import deliveries, journal
from recorder.store.store import Store

MQTT = deliveries.Destination("mqtt")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "recorder.db", pytest.fail)
    yield opened
    await opened.close()


async def told(store: Store, event_id: str) -> None:
    at = delivery.time.time()

    def write(connection):
        cursor = journal.append(connection, journal.Event(event_id, "r1", 0, "{}", at))
        deliveries.add(connection, cursor, "r1", "front", MQTT, at)

    await store.run(write)


async def test_sending_again_wakes_the_doors(store: Store) -> None:
    outbox = Outbox(store)
    await told(store, "e")
    (due,) = await outbox.next_due("mqtt")
    await outbox.given_up(due.delivery.delivery, "refused")
    assert await outbox.next_due("mqtt") == []
    assert await outbox.again(due.delivery.delivery)
    assert outbox.arrived["mqtt"].is_set()
    assert [again.delivery.event_id for again in await outbox.next_due("mqtt")] == ["e"]
    assert not await outbox.again(99)


async def test_what_nobody_could_deliver_is_given_up_after_72_h_and_forgotten_later(store: Store, monkeypatch) -> None:
    outbox = Outbox(store)
    await told(store, "e")
    monkeypatch.setattr(delivery, "boot_time", lambda: outbox._boot_time)
    real = time.time
    monkeypatch.setattr(delivery.time, "time", lambda: real() + TRY_FOR_S)
    await outbox.tidy()
    assert [each.state for each in await outbox.listing()] == ["pending"]
    monkeypatch.setattr(delivery.time, "time", lambda: real() + TRY_FOR_S + 1000)
    await outbox.tidy()
    assert [each.state for each in await outbox.listing(state="given_up")] == ["given_up"]
    monkeypatch.setattr(delivery.time, "time", lambda: real() + TRY_FOR_S + 8 * 86400)
    await outbox.tidy()
    assert await outbox.listing() == []


@pytest.mark.parametrize("step", [56 * 365 * 86400.0, -86400.0])
async def test_a_clock_that_is_set_makes_nothing_late_and_nothing_early(store: Store, monkeypatch, step: float) -> None:
    outbox = Outbox(store)
    await told(store, "e")
    (due,) = await outbox.next_due("mqtt")
    await outbox.failed(due.delivery.delivery, "no answer", delivery.time.time() + 100)
    real = time.time
    monkeypatch.setattr(delivery.time, "time", lambda: real() + step)
    await outbox.tidy()
    assert await outbox.next_due("mqtt") == []
    (waiting,) = await outbox.listing()
    assert waiting.state == "pending"
    assert waiting.next_at - delivery.time.time() == pytest.approx(100, abs=5)
    monkeypatch.setattr(delivery.time, "time", lambda: real() + step + 25)  # trimmed, not set
    assert await outbox.next_due("mqtt") == []
    (waiting,) = await outbox.listing()
    assert waiting.next_at - delivery.time.time() == pytest.approx(75, abs=5)
