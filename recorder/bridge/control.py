"""The control socket: contract commands as JSON lines, one answer a line, in order.

    {"line": "front", "record_call": {"terminators": "#"}}
    {"status": "ok", "code": 200, "data": {"control_id": ...}}

`line` stands beside the command and names the line that it is for. Who may open the socket is the file's mode.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recorder.bridge.answers import answer_bytes, refusal
from recorder.bridge.desk import Desk
from recorder.bridge.exchange import answer_to
from recorder.contract.faults import Refused, refused
from recorder.contract.json_text import MOST_BYTES, read_json

log = logging.getLogger(__name__)


class ControlSocket:
    """Serves the desk on a Unix socket."""

    def __init__(self, path: Path, desk: Desk, faults: Mapping[str, Callable[[], None]] | None = None) -> None:
        """`faults`: what `{"fault": NAME}` breaks, where tests may."""
        self._path = path
        self._desk = desk
        self._faults = faults or {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. FileExistsError: another service answers there; OSError: the path can't be bound."""
        if await answers(self._path):
            raise FileExistsError(f"{self._path}: another recorder serves here")
        self._path.unlink(missing_ok=True)
        umask = os.umask(0o117)  # the socket is born 0660
        try:
            self._server = await asyncio.start_unix_server(self._converse, self._path, limit=MOST_BYTES)
        finally:
            os.umask(umask)

    async def stop(self) -> None:
        """Take no more commands."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while text := await reader.readline():
                if text.strip():
                    await say(writer, await self._answer(text, time.clock_gettime_ns(time.CLOCK_BOOTTIME)))
        except ValueError:  # a line over the limit: what follows it can't be told apart
            await say(writer, refusal(refused(413, "too_large", "", f"a line has at most {MOST_BYTES} bytes")))
        except ConnectionError:
            log.debug("a client of the control socket went away")
        finally:
            writer.close()

    async def _answer(self, text: bytes, arrived_ns: int) -> dict[str, Any]:
        try:
            command = command_of(text)
        except Refused as refusing:
            return refusal(refusing)
        if self._faults and "fault" in command:
            self._faults[command["fault"]]()
        return await answer_to(self._desk, command.pop("line", None), command, arrived_ns)


def command_of(text: bytes) -> dict[str, Any]:
    """The JSON object of one line. Raises Refused."""
    command = read_json(text)
    if not isinstance(command, dict):
        raise refused(422, "invalid_parameter", "", "a command is a JSON object")
    return command


async def answers(path: Path) -> bool:
    """Whether somebody listens there."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


async def say(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    """Send one answer."""
    writer.write(answer_bytes(answer) + b"\n")
    await writer.drain()
