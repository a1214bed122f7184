"""The talk spurts in a line's voice, as one recording judges them: its sensitivity, its direction."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from recorder._dsp import VoiceGate
from recorder.contract.parameters import Direction
from recorder.line.voice import VoiceHistory

RUN_UP_BLOCKS = 100  # 1 s: what a gate hears before the frame that counts, so that speech going on there counts at once


def needed_block(voice: VoiceHistory, frames: Iterable[int], rate: int) -> int:
    """The first block that somebody has still to hear who has decided up to these frames, with a gate's run-up."""
    return min(voice.next_block, *(frame * 100 // rate for frame in frames)) - RUN_UP_BLOCKS


class Speech:
    """A gate and how far it has heard. A block is 10 ms: `block_frames` frames."""

    def __init__(self, sensitivity: float, direction: Direction, block_frames: int, from_frame: int) -> None:
        self._direction = direction
        self._block_frames = block_frames
        self._gate = VoiceGate(sensitivity, block_frames)
        self._next_block = max(0, from_frame // block_frames - RUN_UP_BLOCKS)

    @property
    def next_frame(self) -> int:
        """The frame that it hears next."""
        return self._next_block * self._block_frames

    def hear(self, voice: VoiceHistory, end_block: int | None = None) -> list[tuple[bool, int]]:
        """What changed: (speech began or ended, at that frame), in order; of blocks below `end_block`, if given."""
        first_block, heard = voice.since(self._next_block, self._direction)
        if end_block is not None:
            heard = heard[: max(0, end_block - first_block)]
        if not heard:
            return []
        self._next_block = first_block + len(heard)
        return self._gate.feed(first_block, heard)

    @property
    def known(self) -> int:
        """The frame below which every change has been told."""
        return (self._next_block - self._gate.delay_blocks) * self._block_frames

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {"gate": base64.b64encode(self._gate.save()).decode(), "next_block": self._next_block}

    def load(self, saved: Mapping[str, Any], voice: VoiceHistory) -> None:
        """Go on from what `save` wrote; where another version did, with a run-up in the voice that is known."""
        self._next_block = saved["next_block"]
        try:
            self._gate.load(base64.b64decode(saved["gate"]))
        except ValueError:
            first_block, heard = voice.since(max(0, self._next_block - RUN_UP_BLOCKS), self._direction)
            self._gate.feed(first_block, heard[: self._next_block - first_block])
