"""Parent's side of a child process: start it, hear it, end it. Nothing here waits for a child that hangs."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from recorder.capture import alsaconf

log = logging.getLogger(__name__)

GONE_S = 0.5  # a killed process that takes longer is stuck in a driver


class ChildProcess:
    """A Python module run as a child, with JSON lines in and out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, module: str) -> "ChildProcess":
        """Start `python -P -m module`, which imports nothing of where we are; it waits for its job. Raise OSError."""
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", module, stdin=pipe, stdout=pipe))

    def give(self, job: Any, log_level: str, config: Path, aliases: Mapping[str, str]) -> None:
        """Send it its job, and write the ALSA configuration for it at `config`. Raise OSError."""
        alsaconf.write(config, aliases, os.environ)
        self.send(job=job, parent=os.getpid(), log_level=log_level, alsa_config=str(config))

    def send(self, **message: Any) -> None:
        """Write one message to its stdin; nothing happens if it has ended."""
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What it tells, until it has closed its end."""
        if self._process.stdout is None:
            return
        async for line in self._process.stdout:
            try:
                yield json.loads(line)
            except ValueError:
                log.warning("child %d said something strange: %.100r", self.pid, line)

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    def kill(self) -> None:
        """End it, whatever it does."""
        # Not through asyncio, whose send_signal may reap the child before its watcher does.
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def gone(self) -> int | None:
        """Kill it if need be; its exit status (negative: the signal), or None if it can't be ended."""
        self.kill()
        try:
            async with asyncio.timeout(GONE_S):  # wait_for may swallow a cancellation before Python 3.12
                return await self._process.wait()
        except TimeoutError:
            log.warning("child %d does not end: it hangs in a driver", self.pid)
            return None


class Spare:
    """A child started ahead, so that one that dies is replaced in the time that its devices take to open."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._child: ChildProcess | None = None

    async def take(self) -> ChildProcess:
        """The spare child, or a new one. Raise OSError."""
        child, self._child = self._child, None
        if child is not None and child.lives:
            return child
        return await ChildProcess.start(self._module)

    async def prepare(self) -> None:
        """Have a spare one from now on. Raise OSError."""
        if self._child is None or not self._child.lives:
            self._child = await ChildProcess.start(self._module)

    async def close(self) -> None:
        """End it."""
        if self._child is not None:
            await self._child.gone()
