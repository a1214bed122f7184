"""The box's own tones, played by the capture process; what comes of them are inputs of the line."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
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


class CaptureSounds:
    """Asks capture, at its control socket, to play. `lines` is filled in by whoever makes the lines."""

    def __init__(self, socket: Path) -> None:
        self.lines: dict[str, Line] = {}
        self._socket = socket
        self._tasks: set[asyncio.Task[None]] = set()

    def beep(self, line: str, recording_id: str) -> None:
        """Sound the tone that opens a recording."""
        self._do(self._beep(self.lines[line], recording_id))

    def cut(self, line: str, recording_id: str) -> None:
        """Stop it; what still comes of it finds its recording ended."""
        log.debug("line %s: the beep of %s is cut", line, recording_id)
        self._do(self._cut(line))

    def warn(self, line: str, frame: int) -> None:
        """Sound the warning tone, unless it was due long ago."""
        here = self.lines[line]
        now = here.frame_at(time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        if here.source is not None and now - frame < LATE_S * here.source.rate:
            self._do(self._warn(here))

    def _do(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _beep(self, line: Line, recording_id: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                ended = await self._play(line, BEEP)
        except TimeoutError:
            self._failed(line, recording_id, f"the beep was not over in {LONGEST_S:g} s")
        except (NotPlayed, OSError) as error:
            self._failed(line, recording_id, f"the beep could not be played: {error}")
        else:
            if line.source is not None:
                line.take("beep_ended", ended, recording_id=recording_id)

    def _failed(self, line: Line, recording_id: str, message: str) -> None:
        log.warning("line %s: %s", line.id, message)
        if line.source is not None:
            line.take("beep_failed", line.judged, recording_id=recording_id, message=message)

    async def _warn(self, line: Line) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._play(line, WARNING)
        except (NotPlayed, OSError) as error:  # TimeoutError is an OSError
            log.warning("line %s: the warning tone could not be played: %s", line.id, error)

    async def _cut(self, line: str) -> None:
        try:
            await self._ask({"stop": {"line": line}}, lambda answer: "stopped" in answer)
        except (NotPlayed, OSError) as error:
            log.warning("line %s: the beep could not be cut: %s", line, error)

    async def _play(self, line: Line, tone: Mapping[str, float]) -> int:
        """Play the tone; returns the line's frame at its end."""

        def is_over(answer: Mapping[str, Any]) -> bool:
            if "started" in answer and line.source is not None:
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
