"""Parent's side of a child process: start it, hear it, end it. Nothing here waits for a child that hangs."""

import asyncio
import contextlib
import importlib
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from recorder.capture import alsaconf
from recorder.capture.forking import fork

log = logging.getLogger(__name__)

GONE_S = 0.5  # a killed process that takes longer is stuck in a driver


class ChildProcess:
    """A module's `main`, run in a child, with JSON lines in and out."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._told = asyncio.StreamReader()
        self._stdin: asyncio.WriteTransport | None = None
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pidfd = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._pidfd, self._ended)

    @classmethod
    async def start(cls, module: str) -> "ChildProcess":
        """Fork a child that runs `module.main()`; it waits for its job. Raise OSError."""
        main = importlib.import_module(module).main
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        reading, writing = os.fdopen(ours_in, "rb", 0), os.fdopen(ours_out, "wb", 0)
        try:
            child = cls(fork(main, theirs_in, theirs_out))
        except OSError:
            reading.close()
            writing.close()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(child._told), reading)
        child._stdin, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, writing)
        return child

    def _ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        _, status = os.waitpid(self.pid, 0)
        self._status.set_result(os.waitstatus_to_exitcode(status))
        if self._stdin is not None:
            self._stdin.close()

    def give(self, job: Any, log_level: str, config: Path, aliases: Mapping[str, str]) -> None:
        """Send it its job, and write the ALSA configuration for it at `config`. Raise OSError."""
        alsaconf.write(config, aliases, os.environ)
        self.send(job=job, parent=os.getpid(), log_level=log_level, alsa_config=str(config))

    def send(self, **message: Any) -> None:
        """Write one message to its stdin; nothing happens if it has ended."""
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.write(json.dumps(message).encode() + b"\n")

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What it tells, until it has closed its end."""
        async for line in self._told:
            try:
                yield json.loads(line)
            except ValueError:
                log.warning("child %d said something strange: %.100r", self.pid, line)

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return not self._status.done()

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def gone(self) -> int | None:
        """Kill it if need be; its exit status (negative: the signal), or None if it can't be ended."""
        self.kill()
        try:
            async with asyncio.timeout(GONE_S):  # wait_for may swallow a cancellation before Python 3.12
                return await asyncio.shield(self._status)
        except TimeoutError:
            log.warning("child %d does not end: it hangs in a driver", self.pid)
            return None
