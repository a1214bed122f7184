"""What is wrong with the sound of one channel: nothing but digital silence, clipping, mains hum.

Judged in windows of 200 ms. Each trouble begins and ends at different thresholds, so that none flickers:

- dead begins with DEAD_AFTER_S of nothing but samples of 0, while the line is recorded; it is over with 100 ms of
  sound in a window, or when nothing is recorded any more;
- clipping begins with 0.5 s of the last 10 s in blocks that reach full scale (-0.2 dBFS, which G.711 reaches too); it
  is over with no more than 0.1 s of them;
- humming begins when all of the quietest quarter of the last 10 s hums (ext/include/hum.h); it is over when not even
  half of that does.

Hum is asked of the quietest quarter, since what speaks over it hides it, and since speech, music and tones are not
quietest where they hum. Filled gaps are left out: they are told of as gaps.
"""

from array import array
from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["no_audio", "dead", "clipping", "humming"]

BLOCK_BYTES = 6  # see "blocks" in recorder/_dsp.pyi
LEVEL_AT = 5  # in them
WINDOW_BLOCKS = 20
WINDOWS_PER_S = 5
REMEMBERED = 10 * WINDOWS_PER_S
QUIETEST = REMEMBERED // 4
DEAD_AFTER_S = 20
ALIVE_BLOCKS = 10
SILENCE = 255  # a block's level: all samples are 0
FULL_SCALE = 32000
CLIPS_FROM, CLIPS_NO_MORE = 50, 10  # blocks of 10 ms


@dataclass(frozen=True, slots=True)
class Trouble:
    """One, as it is told: `party` is speak or listen, or "" for the whole line; hz and level_dbfs are those of hum."""

    kind: Kind
    party: str = ""
    hz: int = 0
    level_dbfs: float = 0.0

    @property
    def name(self) -> tuple[str, str]:
        """What makes it another one."""
        return self.party, self.kind


@dataclass(slots=True)
class _Window:
    loudest: int  # its loudest block, in -dBFS x 2
    clipped: int  # blocks that reach full scale
    hz: int = 0
    hum_level: int = 0


class Troubles:
    """Those of one channel. Fed with what the ear tells, in order."""

    def __init__(self, party: str) -> None:
        self._party = party
        self._blocks = b""  # of the window that is not complete
        self._next_block = 0
        self._missing_to = 0  # blocks below are filled
        self._windows: deque[_Window] = deque()
        self._clipped = 0  # blocks in all of them
        self._humming = 0  # of them
        self._number = -1  # of the newest window
        self._dead_windows = 0
        self._found: dict[Kind, Trouble] = {}

    @property
    def found(self) -> list[Trouble]:
        """What is wrong now."""
        return [*self._found.values()]

    def note_gap(self, end_block: int) -> None:
        """The audio up to that block, told next, is filled silence in part."""
        self._missing_to = max(self._missing_to, end_block)

    def hear(self, first_block: int, blocks: bytes, *, is_recorded: bool) -> None:
        """10 ms blocks, BLOCK_BYTES each."""
        if first_block != self._next_block:
            self._blocks = b""
        self._next_block = first_block + len(blocks) // BLOCK_BYTES
        self._blocks += blocks
        while (number := self._complete()) is not None:
            end = WINDOW_BLOCKS * BLOCK_BYTES
            window, self._blocks = self._blocks[:end], self._blocks[end:]
            if number * WINDOW_BLOCKS >= self._missing_to:
                self._judge_hum()  # of the window before: its own is told behind its audio
                self._take(number, window, is_recorded=is_recorded)

    def _complete(self) -> int | None:
        """The number of the first window that is held whole; what is held of one that began before is dropped."""
        begin = self._next_block - len(self._blocks) // BLOCK_BYTES
        ahead = -begin % WINDOW_BLOCKS * BLOCK_BYTES
        if len(self._blocks) < ahead + WINDOW_BLOCKS * BLOCK_BYTES:
            return None
        self._blocks = self._blocks[ahead:]
        return -(-begin // WINDOW_BLOCKS)

    def hear_hum(self, window: int, hz: int, level: int) -> None:
        """The window told last hums."""
        if hz and window == self._number:
            self._windows[-1].hz, self._windows[-1].hum_level = hz, level
            self._humming += 1

    def _take(self, number: int, window: bytes, *, is_recorded: bool) -> None:
        levels = window[LEVEL_AT::BLOCK_BYTES]
        self._remember(number, _Window(min(levels), clipped_blocks(window)))
        self._judge_clipping()
        self._judge_silence(len(levels) - levels.count(SILENCE), is_recorded=is_recorded)

    def _remember(self, number: int, window: _Window) -> None:
        if len(self._windows) == REMEMBERED:
            oldest = self._windows.popleft()
            self._clipped -= oldest.clipped
            self._humming -= oldest.hz != 0
        self._windows.append(window)
        self._clipped += window.clipped
        self._number = number

    def _judge_silence(self, sounding: int, *, is_recorded: bool) -> None:
        if not is_recorded or sounding >= ALIVE_BLOCKS:
            self._dead_windows = 0
            self._found.pop("dead", None)
        elif sounding:
            self._dead_windows = 0
        else:
            self._dead_windows += 1
            if self._dead_windows >= DEAD_AFTER_S * WINDOWS_PER_S:
                self._found["dead"] = Trouble("dead", self._party)

    def _judge_clipping(self) -> None:
        if self._clipped >= CLIPS_FROM:
            self._found["clipping"] = Trouble("clipping", self._party)
        elif self._clipped <= CLIPS_NO_MORE:
            self._found.pop("clipping", None)

    def _judge_hum(self) -> None:
        if len(self._windows) < REMEMBERED:
            return
        humming: list[_Window] = []
        if 2 * self._humming >= QUIETEST:  # else too few, wherever they are
            quiet = sorted(self._windows, key=lambda window: -window.loudest)[:QUIETEST]
            humming = [window for window in quiet if window.hz]
        if len(humming) == QUIETEST:
            middle = sorted(humming, key=lambda window: window.hum_level)[QUIETEST // 2]
            known = self._found.get("humming")
            if known is None or known.hz != middle.hz:
                self._found["humming"] = Trouble("humming", self._party, middle.hz, -middle.hum_level / 2)
        elif 2 * len(humming) < QUIETEST:
            self._found.pop("humming", None)


def clipped_blocks(blocks: bytes) -> int:
    """How many of them reach full scale."""
    words = array("h", blocks)
    lows, highs = words[0::3], words[1::3]
    if min(lows) > -FULL_SCALE and max(highs) < FULL_SCALE:
        return 0
    return sum(low <= -FULL_SCALE or high >= FULL_SCALE for low, high in zip(lows, highs, strict=True))
