"""How a line's audio comes in: its level, and what is missing."""

from collections.abc import Sequence

LEVEL_BLOCKS = 100  # 1 s: the level told is the loudest 10 ms of the last second
BLOCK_BYTES, LEVEL_AT = 6, 5  # of what the ear tells of 10 ms: see "blocks" in recorder/_dsp.pyi
FLOOR = 255  # the ear's byte for silence: -127.5 dBFS
PARTIES = ("speak", "listen")


class Reception:
    """Fed by the line with all that its ear tells; counts from the moment in which the service took the line up."""

    def __init__(self) -> None:
        self.gaps = 0
        self.gap_frames = 0
        self._levels: list[bytes] = []

    def begin(self) -> None:
        """The line has another source, or none."""
        self._levels = []

    def hear(self, blocks: Sequence[bytes]) -> None:
        """10 ms blocks, by party."""
        heard = [each[LEVEL_AT::BLOCK_BYTES] for each in blocks]
        before = self._levels or [b""] * len(heard)
        self._levels = [(old + new)[-LEVEL_BLOCKS:] for old, new in zip(before, heard, strict=True)]

    @property
    def is_heard(self) -> bool:
        """Whether there is a level to be told."""
        return self._levels != []

    def note_gap(self, frames: int) -> None:
        """So many frames never reached us."""
        self.gaps += 1
        self.gap_frames += frames

    def levels_dbfs(self) -> dict[str, float]:
        """The loudest 10 ms (RMS) of the last second, by party; nothing without audio."""
        return {party: -min(levels, default=FLOOR) / 2 for party, levels in zip(PARTIES, self._levels, strict=False)}
