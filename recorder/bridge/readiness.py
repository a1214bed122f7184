"""Whether the box can do its job, one check a line."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from recorder.line.line import Line

CHECK_TIMEOUT_S = 2.0
Check = Callable[[], Awaitable[str | None]]  # gives what is wrong


class Readiness:
    """The checks of all rooms, by name."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Ask this one too."""
        self._checks[name] = check

    def remove(self, name: str) -> None:
        """Ask it no more."""
        self._checks.pop(name, None)

    async def ask(self) -> Mapping[str, str | None]:
        """What is wrong, by check; None where nothing is."""
        checks = dict(self._checks)  # a line may go while we ask
        return dict(zip(checks, await asyncio.gather(*map(_judge, checks.values())), strict=True))


def of_line(line: Line) -> Check:
    """Whether a line has audio; a file that has played to its end is no fault."""

    async def check() -> str | None:
        return None if line.is_up or line.ended else "no audio"

    return check


async def _judge(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT_S:g} s"
    except Exception as error:  # noqa: BLE001 # because whatever fails a check is what is wrong
        return f"{type(error).__name__}: {error}"
