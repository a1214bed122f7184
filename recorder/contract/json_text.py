"""JSON as a door receives it: bounded in size and depth, without what JSON does not have."""

import json
from typing import NoReturn

from recorder.contract.faults import Refused, fault

MOST_BYTES = 1 << 20
MOST_DEPTH = 32
MOST_VALUES = 10_000  # a megabyte of {} would keep the service busy for a second; YAML has the same bound


def read_json(body: bytes) -> object:
    """The value of a UTF-8 JSON text.

    Raises Refused: 413 above MOST_BYTES; 400 when it is no JSON, names a key twice, spells NaN or an infinity, or is
    nested deeper than MOST_DEPTH, or holds more than MOST_VALUES; commas and brackets in strings count.
    """
    if len(body) > MOST_BYTES:
        raise Refused(413, [fault("too_large", "", f"{len(body)} bytes are more than {MOST_BYTES}", 413)])
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise _unreadable(f"more than {MOST_VALUES} values")
    try:
        value: object = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once_each)
    except RecursionError as error:
        raise _unreadable(f"nested deeper than {MOST_DEPTH}") from error
    except UnicodeDecodeError as error:
        raise _unreadable(f"not UTF-8 at byte {error.start}") from error
    except ValueError as error:
        raise _unreadable(f"not JSON: {str(error).partition(';')[0]}") from error  # behind it: advice to programmers
    if _deeper(value, MOST_DEPTH):
        raise _unreadable(f"nested deeper than {MOST_DEPTH}")
    return value


def _unreadable(detail: str) -> Refused:
    return Refused(400, [fault("invalid_json", "", detail, 400)])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _deeper(value: object, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [each for outer in level for each in _inside(outer) if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
