"""Every name that a command, a file or a topic may carry: how it is made, and what it must look like."""

import re
import secrets
import time
from uuid import UUID, uuid5

from recorder.contract.values import Unfit, matching, text

DIGITS = "0123456789ABCD*#"
UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # of every id that is made here

node_id = matching(r"[a-z0-9-]{1,64}", "1 to 64 of the characters a-z, 0-9 and -")
line_id = matching(r"[a-z0-9-]{1,32}", "1 to 32 of the characters a-z, 0-9 and -")
call_id = text(1, 128, spaces=False)
control_id = text(1, 128)
owner_id = text(0, 128)  # project_id, space_id
command_id = text(1, 128)
uuid = matching(UUID_PATTERN, "a UUID")
recording_id = matching(UUID_PATTERN, "a recording_id")


def digit(value: object) -> str:
    """One DTMF digit, upper case. Raises Unfit."""
    if isinstance(value, str) and len(value) == 1 and value.upper() in DIGITS:
        return value.upper()
    raise Unfit('one digit as a string: "0" to "9", "A" to "D", "*" or "#"')


def node_id_of(host_name: str) -> str:
    """The default node_id: the host name in lower case, anything else a `-`."""
    return re.sub(r"[^a-z0-9-]", "-", host_name.lower())[:64] or "recorder"


def new_recording_id(unix_ns: int | None = None) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) of that moment, now by default: 48 bits of ms, 12 of the fraction, 62 random.

    The fraction (method 3 of section 6.2) makes ids of one process sort by time within a millisecond too. What is
    before 1970, which such an id can't say, counts as 1970.
    """
    ms, rest_ns = divmod(max(0, time.time_ns() if unix_ns is None else unix_ns), 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    head = (ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | fraction << 64
    return str(UUID(int=head | 0b10 << 62 | secrets.randbits(62)))


def made_at(recording_id: str) -> float | None:
    """The Unix second in which an id of ours was made; None: it is no UUIDv7."""
    made = UUID(recording_id)
    return (made.int >> 80) / 1000 if made.version == 7 else None


def event_id(recording_id: str, seq: int) -> str:
    """The UUID of a recording's event: the same on every retry, transport and restart."""
    return str(uuid5(UUID(recording_id), str(seq)))
