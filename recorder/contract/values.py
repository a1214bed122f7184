"""Checks of one value that came as JSON, TOML or text: each returns it as we keep it, or raises Unfit.

A check knows nothing of names. true and false are no numbers, null fits nothing, NaN and infinities are no numbers.
"""

import math
import re
from collections.abc import Callable
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

from recorder.contract.quoting import listed

T = TypeVar("T")
Check: TypeAlias = Callable[[object], T]

MOST_URL = 2048  # characters; what browsers and proxies agree to pass on
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_HOST_NAME = re.compile(r"(?=[A-Za-z0-9_].{0,252}\Z)([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?", re.ASCII)
_URL_CHARACTERS = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+", re.ASCII)
_MOST_SPELLED = 40  # characters of a number


class Unfit(ValueError):
    """The value is not what is allowed; the message names what is, as in `must be ...`."""


def boolean(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise Unfit("true or false")


def anything(value: object) -> object:
    """The value as it is, to be checked elsewhere."""
    return value


def mapping(value: object) -> dict[object, object]:
    """An object, its keys unchecked."""
    if isinstance(value, dict):
        return value
    raise Unfit("an object")


def sequence(value: object) -> list[object]:
    """A list, its items unchecked."""
    if isinstance(value, list):
        return value
    raise Unfit("a list")


def number(low: float, high: float, unit: str = "") -> Check[float]:
    """Any finite number from low to high, both included."""
    allowed = f"a number{unit and f' of {unit}'} from {low:g} to {high:.10g}"

    def check(value: object) -> float:
        # Compared before it is turned into a float: an int may be too large for one.
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Unfit(allowed)
        return float(value) + 0.0  # -0.0 becomes 0.0

    return check


def whole(low: int, high: int, unit: str = "") -> Check[int]:
    """An integer from low to high, both included; 3.0 is one, as JSON knows one kind of number only."""
    allowed = f"a whole number{unit and f' of {unit}'} from {low} to {high}"

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Unfit(allowed)
        if isinstance(value, float) and not value.is_integer():
            raise Unfit(allowed)
        return int(value)

    return check


def one_of(*words: str) -> Check[str]:
    """One of these words, in this very spelling."""

    def check(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise Unfit(listed(f'"{word}"' for word in words))

    return check


def text(least: int, most: int, *, spaces: bool = True) -> Check[str]:
    """A string of so many printable characters (Unicode's sense: no control or format characters, no surrogates)."""
    allowed = f"a string of {least} to {most} printable characters{'' if spaces else ' without spaces'}"

    def check(value: object) -> str:
        if not isinstance(value, str) or not least <= len(value) <= most or not value.isprintable():
            raise Unfit(allowed)
        if not spaces and " " in value:
            raise Unfit(allowed)
        return value

    return check


def matching(pattern: str, allowed: str) -> Check[str]:
    """A string that the ASCII pattern matches from end to end."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        raise Unfit(allowed)

    return check


def web_url(value: object) -> str:
    """An absolute http or https URL as RFC 3986 spells one (ASCII, no spaces), with a host, at most MOST_URL long.

    Where it leads is not judged here: the address behind the name is judged at each connect.
    """
    allowed = f"an http or https URL with a host, at most {MOST_URL} ASCII characters without spaces"
    if not isinstance(value, str) or len(value) > MOST_URL or not _URL_CHARACTERS.fullmatch(value):
        raise Unfit(allowed)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Unfit(allowed) from error
    # Square brackets are checked by urlsplit, which takes an IPv6 address in them and nothing else.
    literal = "[" in parts.netloc
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise Unfit(allowed)
    if not literal and not _HOST_NAME.fullmatch(host):
        raise Unfit(allowed)
    return value


def spelled_out(value: object) -> object:
    """The number or boolean that a string spells, for values that came through text; all else unchanged.

    So is a number too large for one: it must be refused by its own words, and JSON has none for it.
    """
    if not isinstance(value, str) or len(value) > _MOST_SPELLED:
        return value
    word = value.strip().lower()
    if word in {"true", "false"}:
        return word == "true"
    if not _NUMBER.fullmatch(word):
        return value
    plain = float(word)
    if not math.isfinite(plain):
        return value
    return int(plain) if plain.is_integer() and math.fabs(plain) < 2**53 else plain
