"""The running service as commands see it, whether they reach it over HTTP or MQTT."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as the JSON text in which it was told: of a recording, or of a line that goes down or comes back.

    The latter is `{"line", "up", "timestamp"}`.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone, and another will be tried."""

    why: str


@dataclass(frozen=True, slots=True)
class Connected:
    """Events come, from now on or again."""


Told: TypeAlias = Event | Lost | Connected


class Service(Protocol):
    """Every method raises Failed: the service doesn't answer, or it refuses."""

    def __enter__(self) -> Self:
        """Reach the service."""

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        """Leave it."""

    def lines(self) -> list[dict[str, Any]]:
        """How each line stands: `line`, `call` (None or its facts) and `recordings`, the live ones, oldest first."""

    def command(self, line: str, command: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a command, a refusal too."""

    def follow(self, after: int | None = None) -> Iterator[Told]:
        """Events as they are told, for ever: from now on, or from those behind the cursor `after`."""
