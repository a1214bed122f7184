"""sd_notify(3): how a service tells its manager what it is doing.

    manager = Manager.of(os.environ)
    manager.ready("2 of 2 lines up")

A datagram each to the socket that NOTIFY_SOCKET names, one of the file system or, with an `@`, of the abstract names.
Without a manager nothing happens; one that doesn't answer is never waited for.
"""

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Manager:
    """Who started us. `watchdog_s`: how often it wants to hear from us at least; None: it does not ask."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        self.watchdog_s = watchdog_s
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._status = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Manager":
        """The manager that these variables speak of; sd_watchdog_enabled(3) says which watchdog is ours."""
        address = environ.get("NOTIFY_SOCKET", "")
        if address[:1] not in ("/", "@"):
            return cls()
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        asked = environ.get("WATCHDOG_USEC", "")
        asks = is_ours and asked.isascii() and asked.isdigit() and int(asked) > 0
        return cls(address, int(asked) / 1e6 if asks else None)

    def ready(self, status: str) -> None:
        """Up, or up again after `reloading`."""
        self._status = status
        self._tell("READY=1", f"STATUS={status}")

    def status(self, status: str) -> None:
        """What we do, in a line for `systemctl status`; told when it has changed."""
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def reloading(self) -> None:
        """The configuration is being read anew; `ready` ends it."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """On the way out."""
        self._tell("STOPPING=1", "STATUS=stopping")

    def alive(self) -> None:
        """What the watchdog waits for."""
        self._tell("WATCHDOG=1")

    def _tell(self, *assignments: str) -> None:
        if not self._address:
            return
        message = "\n".join(each.replace("\n", " ") for each in assignments).encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as sender:
            try:
                sender.sendto(message, self._address)
            except OSError as error:
                log.debug("the service manager does not take %s: %s", assignments[0], error)
