"""Records to systemd's journal in its native protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/."""

import logging
import os
import socket
from collections.abc import Mapping

from recorder.logs.records import fields_of, message_of

SOCKET = "/run/systemd/journal/socket"
IDENTIFIER = "recorder"
MOST_BYTES = 32768  # of a value
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (0, 7))  # as syslog


def is_journal(fd: int, environ: Mapping[str, str]) -> bool:
    """Whether a descriptor leads into the journal: JOURNAL_STREAM of systemd.exec(5) names its device and inode."""
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class JournalHandler(logging.Handler):
    """A datagram each. One that the journal can't take now is lost, and counted in the next: nobody waits for a log."""

    def __init__(self, path: str = SOCKET) -> None:
        super().__init__()
        self._path = path
        self._lost = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def emit(self, record: logging.LogRecord) -> None:
        """Send it."""
        fields = {name.upper(): value for name, value in entry_of(record).items()}
        if self._lost:
            fields["RECORDER_LOST"] = self._lost
        try:
            self._socket.sendto(b"".join(encoded(name, str(value)) for name, value in fields.items()), self._path)
        except OSError:
            self._lost += 1
        else:
            self._lost = 0

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()


def entry_of(record: logging.LogRecord) -> dict[str, str | int | float | bool]:
    """The fields of a record: systemd.journal-fields(7), and ours as RECORDER_*."""
    priority = next(number for level, number in _PRIORITIES if record.levelno >= level)
    return {
        "message": message_of(record),
        "priority": priority,
        "syslog_identifier": IDENTIFIER,
        "logger": record.name,
        "code_file": record.pathname,
        "code_line": record.lineno,
        "code_func": record.funcName or "",
        **({"message_id": record.message_id} if hasattr(record, "message_id") else {}),
        **{f"recorder_{name}": value for name, value in fields_of(record).items()},
    }


def encoded(name: str, value: str) -> bytes:
    """One field: `NAME=value`, or with a length before a value of several lines."""
    data = value.encode("utf-8", "backslashreplace")[:MOST_BYTES]
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"
