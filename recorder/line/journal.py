"""What a line leaves behind for good: its inputs, its recordings' rows, and their events."""

from collections.abc import Mapping
from typing import Any, Protocol

from recorder.line.inputs import LineInput


class Journal(Protocol):
    """Takes things down in the order given; nothing here waits, `flushed` does."""

    def take(self, line: str, epoch: int, entry: LineInput) -> None:
        """Note an input, and the call or recording that it begins or ends."""

    def opened(self, recording_id: str, path: str, start_time: float) -> None:
        """Note where a recording's file stands."""

    def tell(self, payload: Mapping[str, Any]) -> None:
        """Note an event with the state that it tells; it is published once it is written, with what stands there.

        An event of the same id is not written again, but published again.
        """

    def forget(self, line: str, number: int) -> None:
        """Inputs up to `number` are in the checkpoint."""

    async def flushed(self) -> None:
        """Returns when all that was given is written for good and told; raises what kept it from being so."""
