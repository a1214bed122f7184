"""What a check finds: one line, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "warning", "fault", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice` is "" where there is nothing to be done."""

    check: str
    state: State
    detail: str
    advice: str = ""


Check: TypeAlias = Callable[[], Iterator[Finding]]


def found_by(name: str, check: Check) -> Iterator[Finding]:
    """What a check finds; whatever fails it is a fault of its own."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 # because a doctor who falls ill still tells of the rest
        yield Finding(name, "fault", f"could not be looked at: {type(error).__name__}: {error}")
