"""Inputs of an earlier run, which wait to be applied again when the audio reaches their frames."""

from collections import deque
from collections.abc import Iterable, Iterator

from recorder.line.inputs import LineInput


class Replay:
    """In the order of their numbers."""

    def __init__(self, entries: Iterable[LineInput] = ()) -> None:
        self._entries = deque(entries)

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def next_number(self) -> int:
        """Of the first that waits; IndexError: there is none."""
        return self._entries[0].number

    @property
    def highest(self) -> int:
        """Of the last that waits; 0 for none."""
        return max((entry.number for entry in self._entries), default=0)

    def starts(self) -> set[str]:
        """The ids of the recordings that will be begun."""
        starts = (entry.body["order"]["facts"] for entry in self._entries if entry.kind == "start")
        return {facts["recording_id"] for facts in starts}

    def due(self, frame: int | None) -> Iterator[LineInput]:
        """Take out what came before the audio up to `frame`; None: all that waits."""
        while self._entries and (frame is None or self._entries[0].frame <= frame):
            entry = self._entries[0]
            if entry.kind == "grace_expired" and frame is not None and entry.frame == frame:
                return  # the audio before it is still to be judged
            yield self._entries.popleft()
