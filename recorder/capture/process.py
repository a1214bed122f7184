"""What a child process of capture does about itself: whom it dies with, and how it speaks to its parent."""

import ctypes
import json
import logging
import os
import resource
import signal
import sys
from typing import Any, NoReturn

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


class Parent:
    """The pipe to the parent: JSON lines on what was stdout. Nothing else may be printed there from now on."""

    def __init__(self, log_level: str) -> None:
        self._fd = os.dup(1)
        os.dup2(2, 1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is the parent's to act on
        logging.basicConfig(level=log_level, format="%(levelname)s %(name)s: %(message)s")
        soft, hard = resource.getrlimit(resource.RLIMIT_RTTIME)
        limit = SPIN_LIMIT_US if hard == resource.RLIM_INFINITY else min(SPIN_LIMIT_US, hard)
        if soft == resource.RLIM_INFINITY or soft > limit:
            resource.setrlimit(resource.RLIMIT_RTTIME, (limit, hard))

    def tell(self, **message: Any) -> None:
        """Send one message; leave when the parent has gone."""
        try:
            os.write(self._fd, json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            leave(1)


def job() -> dict[str, Any]:
    """The one line that the parent wrote to our stdin: what to do."""
    read: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    return read
