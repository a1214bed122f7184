"""How a line's audio comes in: its level, what is missing, and what is wrong with it."""

from collections.abc import Sequence

from recorder.line.trouble import BLOCK_BYTES, LEVEL_AT, Trouble, Troubles

LEVEL_BLOCKS = 100  # 1 s: the level told is the loudest 10 ms of the last second
FLOOR = 255  # the ear's byte for silence: -127.5 dBFS
PARTIES = ("speak", "listen")


class Reception:
    """Fed by the line with all that its ear tells; counts from the moment in which the service took the line up."""

    def __init__(self) -> None:
        self.gaps = 0
        self.gap_frames = 0
        self._levels: list[bytes] = []
        self._troubles: list[Troubles] = []

    def begin(self) -> None:
        """The line has another source, or none."""
        self._levels = []
        self._troubles = []

    def hear(self, first_block: int, blocks: Sequence[bytes], *, is_recorded: bool) -> None:
        """10 ms blocks, by party."""
        if not self._troubles:
            self._troubles = [Troubles(party) for party in PARTIES[: len(blocks)]]
        for troubles, told in zip(self._troubles, blocks, strict=True):
            troubles.hear(first_block, told, is_recorded=is_recorded)
        heard = [each[LEVEL_AT::BLOCK_BYTES] for each in blocks]
        before = self._levels or [b""] * len(heard)
        self._levels = [(old + new)[-LEVEL_BLOCKS:] for old, new in zip(before, heard, strict=True)]

    @property
    def is_heard(self) -> bool:
        """Whether there is a level to be told."""
        return self._levels != []

    def hear_hum(self, window: int, parties: Sequence[tuple[int, int]]) -> None:
        """The window of 200 ms of that number, heard just now, hums: Hz and level, by party."""
        for troubles, (hz, level) in zip(self._troubles, parties, strict=False):
            troubles.hear_hum(window, hz, level)

    @property
    def troubles(self) -> list[Trouble]:
        """What is wrong with the sound now."""
        return [each for troubles in self._troubles for each in troubles.found]

    def note_gap(self, start: int, end: int, block_frames: int) -> None:
        """These frames never reached us."""
        self.gaps += 1
        self.gap_frames += end - start
        for troubles in self._troubles:
            troubles.note_gap(-(-end // block_frames))

    def levels_dbfs(self) -> dict[str, float]:
        """The loudest 10 ms (RMS) of the last second, by party; nothing without audio."""
        return {party: -min(levels, default=FLOOR) / 2 for party, levels in zip(PARTIES, self._levels, strict=False)}
