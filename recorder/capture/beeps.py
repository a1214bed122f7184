"""Playing to lines, on the parent's side: one playback child for all, kept running while any line can be played to."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from recorder._dsp import RingFault, RingReader
from recorder.capture.children import ChildProcess
from recorder.capture.spec import LineSpec, Site

log = logging.getLogger(__name__)

START_S = 4.5  # a sound that has not started by then never will; serve waits 5 s for a beep's end
OVERTIME_S = 3.0  # beyond its length a sound may take
QUICK_S = 1.0  # a child that lives shorter is started again only after a delay


class NotPlayed(RuntimeError):
    """The sound did not come out; the message says why."""


@dataclass
class Playing:
    """A sound that was asked for."""

    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    seconds: float = 0.0  # its length, known once it has started
    started: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    ended: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def fail(self, why: str) -> None:
        """Whoever waits for it is told."""
        for moment in (self.started, self.ended):
            if not moment.done():
                moment.set_exception(NotPlayed(why))
                moment.exception()  # nobody may be waiting for this one


class Beeps:
    """Sounds on the lines' playback devices, on a line one after the other."""

    def __init__(self, lines: Iterable[LineSpec], site: Site, opening: asyncio.Lock) -> None:
        self._lines = {line.id: line for line in lines}
        self._aliases = aliases_of(self._lines.values())
        self._site = site
        self._opening = opening
        self._child: ChildProcess | None = None
        self._ready = asyncio.Event()
        self._wanted = asyncio.Event()
        self._playing: dict[str, Playing] = {}  # by line
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def reload(self, lines: Iterable[LineSpec]) -> None:
        """Play to these lines. With other devices the child is started anew, which cuts what is being played."""
        self._lines = {line.id: line for line in lines}
        before, self._aliases = self._aliases, aliases_of(self._lines.values())
        if self._aliases != before:
            if self._child is not None:
                self._child.kill()
            self._wanted.set()

    async def keep(self) -> None:
        """Keep the playback child running while a line can be played to; never returns."""
        while True:
            if not self._aliases:
                self._wanted.clear()
                await self._wanted.wait()
            began = time.monotonic()
            try:
                await self._one_child()
            except OSError:
                log.exception("no playback child can be started")
            finally:
                self._ready.clear()
                for playing in self._playing.values():
                    playing.fail("the playback process ended")
                if self._child is not None:
                    await self._child.gone()
                    self._child = None
            if time.monotonic() - began < QUICK_S:
                await asyncio.sleep(QUICK_S)

    async def _one_child(self) -> None:
        devices = {alias: target for target, alias in self._aliases.items()}
        config = self._site.directory / "alsa-playback.conf"
        async with self._opening:
            self._child = await ChildProcess.start("recorder.capture.player")
            self._child.give(None, self._site.log_level, config, devices)
            messages = self._child.messages()
            async with asyncio.timeout(START_S):
                await anext(messages, None)
        self._ready.set()
        async for message in messages:
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        for playing in self._playing.values():
            if playing.token == message.get("started") and not playing.started.done():
                playing.seconds = message["seconds"]
                playing.started.set_result(message["boottime_ns"])
            elif playing.token == message.get("ended") and not playing.ended.done():
                playing.ended.set_result(message["boottime_ns"])
            elif playing.token == message.get("failed"):
                playing.fail(message["error"])

    async def play(self, line_id: str, sound: dict[str, Any], on_started: Callable[[int], None]) -> int:
        """Play a tone or file; the line's frame at the end of its last sample. Raise NotPlayed.

        `on_started` is given the line's frame at its first sample as soon as that is known.
        """
        line = self._lines[line_id]
        if line.playback is None:
            raise NotPlayed(f"line {line_id} has no playback device")
        turn = self._turns[line_id]
        try:
            async with asyncio.timeout(START_S):
                await turn.acquire()
        except TimeoutError:
            raise NotPlayed(f"something else is being played on line {line_id}") from None
        playing = self._playing[line_id] = Playing()
        try:
            child = await self._running()
            alias = self._aliases[line.playback.removeprefix("alsa:")]
            child.send(play=playing.token, alias=alias, **sound)
            on_started(self._frame(line_id, await self._in_time(playing.started, START_S)))
            return self._frame(line_id, await self._in_time(playing.ended, playing.seconds + OVERTIME_S))
        finally:
            del self._playing[line_id]
            turn.release()

    async def _running(self) -> ChildProcess:
        """The playback child, once it is ready."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self._ready.wait()
        if self._child is None or not self._ready.is_set():
            raise NotPlayed("the playback process is not running")
        return self._child

    async def _in_time(self, moment: asyncio.Future[int], limit_s: float) -> int:
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.shield(moment)
        except TimeoutError:
            if self._child is not None:
                self._child.kill()  # PortAudio hangs in it
            raise NotPlayed(f"the playback device did not answer within {limit_s:g} s") from None

    def stop(self, line_id: str) -> None:
        """Cut short what is played on the line. Raise NotPlayed when nothing is."""
        playing = self._playing.get(line_id)
        if playing is None or self._child is None:
            raise NotPlayed(f"nothing is being played on line {line_id}")
        self._child.send(stop=playing.token)

    def _frame(self, line_id: str, boottime_ns: int) -> int:
        try:
            ring = RingReader(self._site.ring_path(line_id))
        except RingFault as fault:
            raise NotPlayed(f"line {line_id} has no frames to tell the time by: {fault}") from fault
        try:
            return ring.frame_at(boottime_ns)
        finally:
            ring.close()


def aliases_of(lines: Iterable[LineSpec]) -> dict[str, str]:
    """The devices that are played to, each with the name by which the child opens it."""
    targets = dict.fromkeys(line.playback.removeprefix("alsa:") for line in lines if line.playback)
    return {target: f"recorder_out_{index}" for index, target in enumerate(targets)}
