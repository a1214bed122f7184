"""`recorder capture` as a process of its own, seen from outside: its rings, its control socket, its children."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from recorder._dsp import RingFault, RingReader
from recorder.capture.spec import LineSpec, Plan
from tests.waiting import until

RING_SECONDS = 20.0  # longer than any test, so that all that was captured stands in the ring


class Talk:
    """One connection to the control socket."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._answers = client.makefile("r")

    def say(self, **request: Any) -> None:
        self._client.sendall(json.dumps({"id": "1", **request}).encode() + b"\n")

    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._answers.readline())
        assert answer.pop("id") == "1"
        return answer

    def close(self) -> None:
        self._answers.close()


class Capture:
    """Runs while entered; the log is printed at the end, so that a failed test shows it."""

    def __init__(
        self, directory: Path, lines: list[LineSpec], config: Path, preexec: Callable[[], None] | None = None
    ) -> None:
        self.plan = Plan(tuple(lines), str(directory / "run"), RING_SECONDS)
        self.env = os.environ | {"ALSA_CONFIG_PATH": str(config), "HOME": str(directory)}
        self._preexec = preexec
        self._log = directory / "capture.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        print(self._log.read_text())

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "recorder.capture"],
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                preexec_fn=self._preexec,  # noqa: PLW1509 # because it calls a function that was looked up before
            )
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(self.plan.to_json().encode())

    def stop(self, timeout: float = 10.0) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout)

    def kill(self) -> None:
        """kill -9 the parent."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    @property
    def children(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def waited_s(self) -> dict[int, float]:
        """How long our own process and each of capture's have waited for a CPU that others had, by their pid."""
        assert self._process is not None
        return {pid: _waited_s(pid) for pid in (os.getpid(), self._process.pid, *self.children)}

    def ring(self, line: str) -> RingReader:
        """The line's ring, once there is one."""
        path = self.plan.site.ring_path(line)

        def opened() -> RingReader | None:
            try:
                return RingReader(path)
            except RingFault:
                return None

        ring = until(opened, what=f"the ring of {line}")
        assert ring is not None
        return ring

    @contextmanager
    def talk(self) -> Iterator[Talk]:
        """A connection to the control socket."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(self.plan.site.directory / "control.sock"))
            talk = Talk(client)
            yield talk
            talk.close()

    def status(self, line: str) -> dict[str, Any]:
        with self.talk() as talk:
            talk.say(status={})
            status: dict[str, Any] = talk.answer()["status"]["lines"][line]
        return status

    def is_up(self, line: str) -> bool:
        return bool(self.status(line)["state"] == "up")

    def child_of(self, line: str) -> int:
        """The child that captures the line."""
        return int(self.status(line)["child"])


def _waited_s(pid: int) -> float:
    """The second field of each thread's schedstat: https://docs.kernel.org/scheduler/sched-stats.html."""
    told = [task.joinpath("schedstat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int(each.split()[1]) for each in told) / 1e9


def heard(ring: RingReader) -> bytes:
    """All that stands in the ring."""
    first = ring.oldest
    return ring.read(first, ring.head - first)


def freeze(pid: int, seconds: float) -> None:
    """SIGSTOP a process for that long."""
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        until(lambda: time.monotonic() - began >= seconds, timeout=seconds + 5)
    finally:
        os.kill(pid, signal.SIGCONT)
