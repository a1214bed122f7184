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
    async def start(cls, module: str, job: bytes, config: Path, aliases: Mapping[str, str]) -> "ChildProcess":
        """Start `module` with `job` on its stdin and an ALSA configuration of its own at `config`."""
        alsaconf.write(config, aliases, os.environ)
        environ = {**os.environ, "ALSA_CONFIG_PATH": str(config)}
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, stdin=pipe, stdout=pipe, env=environ
        )
        child = cls(process)
        child.send_bytes(job)
        return child

    def send_bytes(self, line: bytes) -> None:
        """Write to its stdin; nothing happens if it has ended."""
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(line)

    def send(self, **message: Any) -> None:
        """Write one message to its stdin."""
        self.send_bytes(json.dumps(message).encode() + b"\n")

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What it tells, until it has closed its end."""
        if self._process.stdout is None:
            return
        async for line in self._process.stdout:
            try:
                yield json.loads(line)
            except ValueError:
                log.warning("child %d said something strange: %.100r", self.pid, line)

    def kill(self) -> None:
        """End it, whatever it does."""
        # Not through asyncio, whose send_signal may reap the child before its watcher does.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def gone(self) -> int | None:
        """Kill it if need be; its exit status (negative: the signal), or None if it can't be ended."""
        self.kill()
        try:
            return await asyncio.wait_for(self._process.wait(), GONE_S)
        except TimeoutError:
            log.warning("child %d does not end: it hangs in a driver", self.pid)
            return None
