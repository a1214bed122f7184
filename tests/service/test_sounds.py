"""Tones that are asked for at once on one line: one after the other, none lost, none cut for another's sake."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from recorder.service.sounds import CaptureSounds

if TYPE_CHECKING:
    from recorder.line.line import Line

RATE = 8000


class News:
    """What happened, and who waits until it is enough."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(true)

    async def tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class Capture:
    """Stands in for capture's control socket: it keeps what is asked, and answers when the test says so."""

    def __init__(self, news: News) -> None:
        self._news = news
        self.plays: list[tuple[float, asyncio.StreamWriter]] = []  # the pitch, and who asked
        self.stops = 0
        self.open = 0  # connections

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        request = json.loads(await reader.readline())
        if "stop" in request:
            self.stops += 1
            self.say(writer, stopped="front")
        else:
            self.plays.append((request["play"]["tone"]["hz"], writer))
        await self._news.tell()
        await reader.read()  # till the asker hangs up
        writer.close()
        await writer.wait_closed()
        self.open -= 1
        await self._news.tell()

    def say(self, writer: asyncio.StreamWriter, **answer: object) -> None:
        writer.write(json.dumps(answer).encode() + b"\n")

    async def asked(self, count: int) -> asyncio.StreamWriter:
        """Who asked for the tone of that number, once it is asked for."""
        await self._news.until(lambda: len(self.plays) >= count)
        return self.plays[count - 1][1]


class Desk:
    """The sounds under test, and what the line was told."""

    def __init__(self, socket_path: Path, capture: Capture, news: News) -> None:
        self.capture, self.news = capture, news
        self.told: list[tuple[str, int, str]] = []
        source = SimpleNamespace(rate=RATE)
        line = SimpleNamespace(id="front", source=source, judged=7, frame_at=lambda _: 0, take=self.take)
        self.sounds = CaptureSounds(socket_path, {"front": cast("Line", line)})
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, kind: str, frame: int, *, recording_id: str = "", **_: Any) -> None:
        self.told.append((kind, frame, recording_id))
        self._tasks.add(asyncio.ensure_future(self.news.tell()))

    async def until_told(self, *told: tuple[str, int, str]) -> None:
        await self.news.until(lambda: self.told[-len(told) :] == list(told))

    async def until_over(self, number: int, frame: int, recording_id: str) -> None:
        """The tone of that number, once it is asked for, ends at `frame`, as that recording's beep."""
        self.capture.say(await self.capture.asked(number), ended=frame)
        await self.until_told(("beep_ended", frame, recording_id))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    news = News()
    capture = Capture(news)
    async with await asyncio.start_unix_server(capture.connected, tmp_path / "control.sock"):
        yield Desk(tmp_path / "control.sock", capture, news)
        await news.until(lambda: not capture.open)


async def test_recordings_that_ask_before_the_beep_sounds_share_it_and_a_later_one_has_its_own(desk: Desk) -> None:
    desk.sounds.beep("front", "a")
    first = await desk.capture.asked(1)
    desk.sounds.beep("front", "b")
    desk.capture.say(first, started=100)
    await desk.until_told(("beep_started", 100, ""))
    desk.sounds.beep("front", "c")
    desk.capture.say(first, ended=3300)
    await desk.capture.asked(2)
    assert sorted(desk.told[1:]) == [("beep_ended", 3300, "a"), ("beep_ended", 3300, "b")]
    await desk.until_over(2, 7000, "c")


async def test_a_beep_waits_for_the_warning_tone_of_another_recording(desk: Desk) -> None:
    desk.sounds.warn("front", 0)
    warning = await desk.capture.asked(1)
    desk.sounds.beep("front", "a")
    desk.sounds.warn("front", 0)  # of a third recording, which that tone serves as well
    desk.capture.say(warning, ended=4000)
    await desk.until_over(2, 8000, "a")
    assert [pitch for pitch, _ in desk.capture.plays] == [1400, 1000]


async def test_a_recording_that_stops_in_its_beep_cuts_no_tone_that_others_wait_for(desk: Desk) -> None:
    desk.sounds.beep("front", "a")
    tone = await desk.capture.asked(1)
    desk.sounds.beep("front", "b")
    desk.sounds.cut("front", "a")
    desk.capture.say(tone, started=100)
    await desk.until_told(("beep_started", 100, ""))
    desk.sounds.beep("front", "c")
    desk.sounds.cut("front", "c")  # it waits for a tone of its own, which nobody needs then
    desk.capture.say(tone, ended=3300)
    await desk.until_told(("beep_started", 100, ""), ("beep_ended", 3300, "b"))
    desk.sounds.warn("front", 0)
    desk.capture.say(await desk.capture.asked(2), ended=9000)
    assert desk.capture.stops == 0
    assert [pitch for pitch, _ in desk.capture.plays] == [1000, 1400]


async def test_the_last_recording_that_stops_in_the_beep_cuts_it_and_a_new_one_has_a_whole_one(desk: Desk) -> None:
    desk.sounds.beep("front", "a")
    tone = await desk.capture.asked(1)
    desk.sounds.cut("front", "a")
    desk.sounds.beep("front", "b")
    desk.capture.say(tone, ended=90)
    await desk.capture.asked(2)
    await desk.news.until(lambda: desk.capture.stops == 1)
    await desk.until_over(2, 4000, "b")


async def test_a_beep_that_fails_is_told_to_all_that_wait_for_it(desk: Desk) -> None:
    desk.sounds.beep("front", "a")
    tone = await desk.capture.asked(1)
    desk.sounds.beep("front", "b")
    desk.capture.say(tone, error="no such device")
    await desk.news.until(lambda: len(desk.told) == 2)
    assert sorted(desk.told) == [("beep_failed", 7, "a"), ("beep_failed", 7, "b")]
