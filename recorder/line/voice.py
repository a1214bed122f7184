"""The voice that a line's ear heard lately, kept so that a recording can be armed a little in the past."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from recorder.contract.parameters import Direction

KEPT_BLOCKS = 1000  # 10 s: a beep may take 5 s, and a gate wants 1 s of run-up


class VoiceHistory:
    """Speech probabilities (0..255, one per 10 ms block) of each party, newest KEPT_BLOCKS."""

    def __init__(self, parties: int, first_block: int = 0) -> None:
        self._voice = [bytearray() for _ in range(parties)]
        self._first = first_block

    @property
    def next_block(self) -> int:
        """The number of the first block not heard yet."""
        return self._first + len(self._voice[0])

    def extend(self, first_block: int, voice: Iterable[bytes], needed: int | None = None) -> None:
        """Take blocks from `first_block` on; of those that are known nothing changes. From `needed` on all are kept.

        Blocks that were skipped (lost in the ring) count as silence.
        """
        skipped = first_block - self.next_block
        for kept, heard in zip(self._voice, voice, strict=True):
            kept.extend(bytes(max(0, skipped)) + heard[max(0, -skipped) :])
        surplus = len(self._voice[0]) - KEPT_BLOCKS
        if needed is not None:
            surplus = min(surplus, needed - self._first)
        if surplus > KEPT_BLOCKS:  # cut now and then, not each time
            for kept in self._voice:
                del kept[:surplus]
            self._first += surplus

    def since(self, block: int, direction: Direction) -> tuple[int, bytes]:
        """(first block, voice) from `block` on, or from the oldest kept; `both`: either party's speech is speech."""
        start = max(0, block - self._first)
        return self._first + start, merge([bytes(kept[start:]) for kept in self._voice], direction)

    def silence(self, first_block: int, end_block: int) -> None:
        """Count the blocks in which the box's own beep sounds as silence."""
        start, end = (max(0, block - self._first) for block in (first_block, end_block))
        for kept in self._voice:
            end_here = min(end, len(kept))
            if start < end_here:
                kept[start:end_here] = bytes(end_here - start)

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {"first": self._first, "voice": [base64.b64encode(kept).decode() for kept in self._voice]}

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> "VoiceHistory":
        """The history that `save` wrote."""
        history = cls(len(state["voice"]), state["first"])
        history._voice = [bytearray(base64.b64decode(kept)) for kept in state["voice"]]
        return history


def merge(voice: list[bytes], direction: Direction) -> bytes:
    """The voice of a direction out of the parties' (speak, then listen)."""
    if len(voice) == 1 or direction == "speak":
        return voice[0]
    if direction == "listen":
        return voice[1]
    return bytes(map(max, voice[0], voice[1]))
