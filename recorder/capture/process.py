"""What a child of capture does about itself: what it is told, whom it dies with, how it speaks to its parent."""

import ctypes
import json
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from recorder.logs.setup import set_up

PR_SET_PDEATHSIG = 1
# A thread under SCHED_FIFO that spins this long without sleeping is ended, and the process with it.
SPIN_LIMIT_US = 500_000


def die_with_parent(parent: int) -> None:
    """Be killed when process `parent` ends, or now if it has ended already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        leave(1)


def leave(status: int) -> NoReturn:
    """End at once: PortAudio's own clean-up can hang."""
    os._exit(status)


def _limit_spinning() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_RTTIME)
    limit = SPIN_LIMIT_US if hard == resource.RLIM_INFINITY else min(SPIN_LIMIT_US, hard)
    if soft == resource.RLIM_INFINITY or soft > limit:
        resource.setrlimit(resource.RLIMIT_RTTIME, (limit, hard))


class Parent:
    """The pipe to the parent: JSON lines on what was stdout. Nothing else may be printed there from now on."""

    def __init__(self) -> None:
        self._fd = os.dup(1)
        os.dup2(2, 1)
        self._asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is the parent's to act on

    def job(self) -> Any:
        """Wait for what ChildProcess.give sends, set up as it says, and return the job. Leave if there is none."""
        line = sys.stdin.buffer.readline()
        if not line:
            leave(0)
        given: dict[str, Any] = json.loads(line)
        die_with_parent(given["parent"])
        set_up(given["log_level"])
        os.environ["ALSA_CONFIG_PATH"] = given["alsa_config"]  # before PortAudio is initialised
        _limit_spinning()
        return given["job"]

    def asked(self) -> Iterator[Any]:
        """What else it has asked since, without waiting."""
        while not self._asked.empty():
            yield self._asked.get()

    def listen(self) -> None:
        """Gather what it asks from now on, in a thread."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            self._asked.put(json.loads(line))

    def tell(self, **message: Any) -> None:
        """Send one message; leave when the parent has gone."""
        try:
            os.write(self._fd, json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            leave(1)
