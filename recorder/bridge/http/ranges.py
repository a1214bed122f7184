"""The Range header, RFC 9110 section 14: one range of bytes; anything else is as if it were not there."""

import re

_ONE = re.compile(r"bytes=[ \t]*(\d{0,100})-(\d{0,100})[ \t]*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range begins behind the end."""


def asked(header: str | None, size: int) -> tuple[int, int] | None:
    """(first, behind the last) byte of what is asked of `size` bytes; None: all of it. Raises Unsatisfiable."""
    match = _ONE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = int(match[2])
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None  # no range at all
    if first >= size:
        raise Unsatisfiable
    return first, min(last + 1, size)
