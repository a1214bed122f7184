"""The box's own tones, played by the capture process; what comes of them are inputs of the line."""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recorder.line.line import Line

log = logging.getLogger(__name__)

BEEP = {"hz": 1000, "seconds": 0.4, "dbfs": -12}
WARNING = {"hz": 1400, "seconds": 0.5, "dbfs": -12}
LONGEST_S = 5.0  # a beep that is not over by then has failed
LATE_S = 1.0  # a warning due longer ago is a replay's


class NotPlayed(RuntimeError):
    """The tone did not sound; the message says why."""


@dataclass(eq=False, slots=True)
class Beep:
    """One tone, which opens all recordings that ask for one before it sounds."""

    recordings: set[str] = field(default_factory=set)
    asked: bool = False  # capture was asked to play it


class CaptureSounds:
    """Asks capture, at its control socket, to play: on a line one tone after the other."""

    def __init__(self, socket: Path, lines: Mapping[str, Line]) -> None:
        """`lines` are looked up when something is to sound: whoever makes them needs this first."""
        self._socket = socket
        self._lines = lines
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by line, as all below
        self._coming: dict[str, Beep] = {}
        self._sounding: dict[str, Beep] = {}
        self._warning: set[str] = set()

    def beep(self, line: str, recording_id: str) -> None:
        """Sound the tone that opens a recording."""
        if line not in self._coming:
            self._coming[line] = Beep()
            self._do(self._beep(self._lines[line], self._coming[line]))
        self._coming[line].recordings.add(recording_id)

    def cut(self, line: str, recording_id: str) -> None:
        """Stop it, unless others wait for its end."""
        log.debug("line %s: the beep of %s is cut", line, recording_id)
        for beep in (self._coming.get(line), self._sounding.get(line)):
            if beep is not None and recording_id in beep.recordings:
                beep.recordings.remove(recording_id)
                if beep.asked and not beep.recordings:
                    self._is_no_more_coming(line, beep)
                    self._do(self._cut(line))

    def warn(self, line: str, frame: int) -> None:
        """Sound the warning tone, unless it was due long ago or sounds for another recording."""
        here = self._lines[line]
        now = here.frame_at(time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        if line not in self._warning and here.source is not None and now - frame < LATE_S * here.source.rate:
            self._warning.add(line)
            self._do(self._warn(here))

    def _do(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _beep(self, line: Line, beep: Beep) -> None:
        def starts() -> None:
            self._is_no_more_coming(line.id, beep)
            self._sounding[line.id] = beep

        try:
            async with asyncio.timeout(LONGEST_S), self._turns[line.id]:
                if not beep.recordings:
                    return
                beep.asked = True
                ended = await self._play(line, BEEP, starts)
        except TimeoutError:
            self._failed(line, beep, f"the beep was not over in {LONGEST_S:g} s")
        except (NotPlayed, OSError) as error:
            self._failed(line, beep, f"the beep could not be played: {error}")
        else:
            for recording_id in list(beep.recordings) if line.source is not None else ():
                line.take("beep_ended", ended, recording_id=recording_id)
        finally:
            self._is_no_more_coming(line.id, beep)
            if self._sounding.get(line.id) is beep:
                del self._sounding[line.id]

    def _is_no_more_coming(self, line: str, beep: Beep) -> None:
        if self._coming.get(line) is beep:
            del self._coming[line]

    def _failed(self, line: Line, beep: Beep, message: str) -> None:
        log.warning("line %s: %s", line.id, message)
        for recording_id in list(beep.recordings) if line.source is not None else ():
            line.take("beep_failed", line.judged, recording_id=recording_id, message=message)

    async def _warn(self, line: Line) -> None:
        try:
            async with asyncio.timeout(LONGEST_S), self._turns[line.id]:
                await self._play(line, WARNING, lambda: None)
        except (NotPlayed, OSError) as error:  # TimeoutError is an OSError
            log.warning("line %s: the warning tone could not be played: %s", line.id, error)
        finally:
            self._warning.discard(line.id)

    async def _cut(self, line: str) -> None:
        try:
            await self._ask({"stop": {"line": line}}, lambda answer: "stopped" in answer)
        except (NotPlayed, OSError) as error:
            log.warning("line %s: the beep could not be cut: %s", line, error)

    async def _play(self, line: Line, tone: Mapping[str, float], on_started: Callable[[], None]) -> int:
        """Play the tone; returns the line's frame at its end."""

        def is_over(answer: Mapping[str, Any]) -> bool:
            if "started" in answer:
                on_started()
                if line.source is not None:
                    line.take("beep_started", answer["started"], frames=round(tone["seconds"] * line.source.rate))
            return "ended" in answer

        answer = await self._ask({"play": {"line": line.id, "tone": dict(tone)}}, is_over)
        return int(answer["ended"])

    async def _ask(self, request: Mapping[str, Any], is_last: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            while text := await reader.readline():
                answer: dict[str, Any] = json.loads(text)
                if "error" in answer:
                    raise NotPlayed(answer["error"])
                if is_last(answer):
                    return answer
            raise NotPlayed("capture ended")
        finally:
            writer.close()
