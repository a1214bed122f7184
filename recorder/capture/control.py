"""Capture's control socket: JSON lines in, JSON lines out.

{"id": 1, "play": {"line": "front", "tone": {"hz": 1000, "seconds": 0.4, "dbfs": -12}}}
{"id": 2, "play": {"line": "front", "file": "/usr/share/sounds/notice.wav"}}
    -> {"id": 1, "started": FRAME} once the time of the first sample is known,
       {"id": 1, "ended": FRAME} when the last one is over; FRAME counts the line's frames
{"id": 3, "stop": {"line": "front"}}    -> {"id": 3, "stopped": "front"}; the play's own end follows
{"id": 4, "status": {}}                 -> {"id": 4, "status": {...}}
anything that can't be done             -> {"id": ID, "error": WHY}
"""

import asyncio
import contextlib
import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from recorder.capture.beeps import Beeps, NotPlayed
from recorder.capture.spec import LineSpec

log = logging.getLogger(__name__)

LONGEST_LINE = 64 * 1024
WORDS = ("play", "stop", "status")


class BadRequest(ValueError):
    """A request that says something wrong; the message names it."""


def _number(tone: Mapping[str, Any], name: str, low: float, high: float, default: float) -> float:
    value = tone.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRequest(f"tone.{name} is a number")
    if not low <= value <= high:
        raise BadRequest(f"tone.{name} is {low:g} to {high:g}")
    return float(value)


def _members(name: str, value: Any, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequest(f"{name} is an object")
    if unknown := sorted(set(value) - allowed):
        raise BadRequest(f"{name} has no {', '.join(unknown)}")
    return value


def parse_sound(play: dict[str, Any], rate: int) -> dict[str, Any]:
    """What the playback child is told of a `play`'s tone or file. Raise BadRequest."""
    if ("tone" in play) == ("file" in play):
        raise BadRequest("play takes a tone or a file")
    if "file" in play:
        if not isinstance(play["file"], str) or not play["file"].startswith("/") or "\0" in play["file"]:
            raise BadRequest("play.file is an absolute path")
        return {"file": play["file"]}
    tone = _members("play.tone", play["tone"], {"hz", "seconds", "dbfs"})
    return {
        "tone": {
            "hz": _number(tone, "hz", 20, rate * 0.45, 1000),
            "seconds": _number(tone, "seconds", 0.01, 10, 0.4),
            "dbfs": _number(tone, "dbfs", -60, 0, -12),
            "rate": rate,
        }
    }


def _parse(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise BadRequest("not a JSON object on a line")
    return request


class Control:
    """The socket's server."""

    def __init__(self, path: Path, lines: Mapping[str, LineSpec], beeps: Beeps, status: Callable[[], Any]) -> None:
        self._path = path
        self._lines = lines
        self._beeps = beeps
        self._status = status
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """Listen, in place of an earlier socket. Mode 0660. Raise OSError."""
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o117)
        try:
            self._server = await asyncio.start_unix_server(self._connected, self._path, limit=LONGEST_LINE)
        finally:
            os.umask(mask)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._path.unlink(missing_ok=True)
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def answer(message: dict[str, Any]) -> None:
            writer.write(json.dumps(message).encode() + b"\n")

        self._writers.add(writer)
        with contextlib.suppress(ConnectionError):
            try:
                async for line in reader:
                    self._spawn(self._serve(line, answer))
                    await writer.drain()
            except ValueError:
                answer({"id": None, "error": f"a request is at most {LONGEST_LINE} bytes"})
            await writer.drain()
        self._writers.discard(writer)
        writer.close()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, line: bytes, answer: Callable[[dict[str, Any]], None]) -> None:
        identity: Any = None
        try:
            request = _parse(line)
            identity = request.pop("id", None)
            await self._obey(request, lambda **said: answer({"id": identity, **said}))
        except (BadRequest, NotPlayed) as fault:
            answer({"id": identity, "error": str(fault)})
        except Exception:
            log.exception("a control request fails")
            answer({"id": identity, "error": "internal error"})

    async def _obey(self, request: dict[str, Any], answer: Callable[..., None]) -> None:
        if len(request) != 1 or (word := next(iter(request))) not in WORDS:
            raise BadRequest(f"a request is one of {', '.join(WORDS)}")
        if word == "status":
            _members("status", request[word], set())
            answer(status=self._status())
            return
        wanted = _members(word, request[word], {"line"} if word == "stop" else {"line", "tone", "file"})
        line = self._lines.get(wanted["line"]) if isinstance(wanted.get("line"), str) else None
        if line is None:
            raise BadRequest(f"{word}.line is one of {', '.join(self._lines)}")
        if word == "stop":
            self._beeps.stop(line.id)
            answer(stopped=line.id)
        else:
            sound = parse_sound(wanted, line.rate or 8000)
            answer(ended=await self._beeps.play(line.id, sound, lambda frame: answer(started=frame)))
