"""Hostile values as they may stand in a message: short, printable, on one line."""

import difflib
import json
from collections.abc import Iterable

MOST_SHOWN = 60  # characters of a value in a message
_PLAIN_BITS = 200  # an int above it is not spelled: str() of a huge one is slow, and refused by Python from 4300 digits


def shown(value: object) -> str:
    """The value as JSON would spell it, cut to MOST_SHOWN characters; what is no scalar is only named by its kind."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if value.bit_length() <= _PLAIN_BITS else "a huge number"
        case float():
            return repr(value)
        case str():
            return _quoted(value)
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"


def shown_name(key: object) -> str:
    """A key as it may stand in an error's `attribute`: printable, at most MOST_SHOWN characters, without quotes."""
    name = key if isinstance(key, str) else shown(key)
    return _quoted(name)[1:-1]


def printable(text: str) -> str:
    """The text with a space for every character that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def listed(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def suggestion(name: object, known: Iterable[str]) -> str:
    """`; did you mean "x"?` when a known name is near, else nothing."""
    if not isinstance(name, str) or len(name) > MOST_SHOWN:
        return ""
    near = difflib.get_close_matches(name.lower(), list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _quoted(text: str) -> str:
    spelled = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text[:MOST_SHOWN])
    return f'"{spelled}"' if len(text) <= MOST_SHOWN else f'"{spelled}..."'
