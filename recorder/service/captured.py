"""A capture process of one's own, for one line, as `recorder record` uses it."""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Self

from recorder._dsp import RingFault, RingReader
from recorder.capture.spec import LineSpec, Plan

OPENS_WITHIN_S = 10.0  # PortAudio looks at every device first
ENDS_WITHIN_S = 3.0
LOOK_EVERY_S = 0.02
RING_SECONDS = 30.0


class NoAudio(RuntimeError):
    """The input gives none; the message says why."""


class Captured:
    """An async context: inside it the line's audio flows into `ring`."""

    def __init__(self, line: LineSpec) -> None:
        self._line = line
        self._folder = Path(tempfile.mkdtemp(prefix="recorder-"))
        self._plan = Plan((line,), str(self._folder / "run"), RING_SECONDS, "ERROR")
        self.control_socket = self._plan.site.directory / "control.sock"
        self.ring: RingReader
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        """Start capture; NoAudio when the input can't be opened."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "recorder.capture",
                stdin=asyncio.subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C is for us: we still need its audio
            )
            assert self._process.stdin is not None
            self._process.stdin.write(self._plan.to_json().encode() + b"\n")
            self._process.stdin.close()
            self.ring = await self._flowing()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End capture and leave nothing behind."""
        if hasattr(self, "ring"):
            self.ring.close()
        if hasattr(self, "_process") and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(ENDS_WITHIN_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()  # its children die with it
                await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _flowing(self) -> RingReader:
        """The ring, once audio flows."""
        ring: RingReader | None = None
        try:
            async with asyncio.timeout(OPENS_WITHIN_S):
                while self._process.returncode is None:
                    if ring is None:
                        ring = self._open()
                    elif ring.heartbeat_ns:
                        return ring
                    if why := await self._complaint():
                        raise NoAudio(f"{self._line.device}: {why}")
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise NoAudio(f"{self._line.device} gave no audio within {OPENS_WITHIN_S:g} s") from None
        raise NoAudio(f"{self._line.device} could not be captured")

    def _open(self) -> RingReader | None:
        try:
            return RingReader(str(self._plan.site.ring_path(self._line.id)))
        except RingFault:
            return None

    async def _complaint(self) -> str | None:
        """What capture says is wrong with the line."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.control_socket)
        except OSError:
            return None  # not there yet
        try:
            writer.write(b'{"status": {}}\n')
            answer = json.loads(await reader.readline() or b"{}")
        except (OSError, ValueError):
            return None
        finally:
            writer.close()
        why = answer.get("status", {}).get("lines", {}).get(self._line.id, {}).get("error")
        return None if why is None else str(why)
