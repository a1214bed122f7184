"""The box's own tones on a line: in the frames where one sounds, the voice counts as silence."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class OwnTones:
    """Spans of line frames, first and behind the last."""

    spans: list[tuple[int, int]] = field(default_factory=list)

    def add(self, first: int, end: int, judged: int) -> None:
        """A tone sounds in these frames; those that ended before `judged` are forgotten."""
        self.spans = [*(span for span in self.spans if span[1] > judged), (first, end)]

    def silenced(self, first_block: int, voice: Iterable[bytes], block_frames: int) -> list[bytes]:
        """The parties' voice (one value per block) with the tones' blocks as silence."""
        parties = list(voice)
        blocks = len(parties[0])
        for first, end in self.spans:
            start = max(0, first // block_frames - first_block)
            stop = min(-(-end // block_frames) - first_block, blocks)
            if start < stop:
                parties = [each[:start] + bytes(stop - start) + each[stop:] for each in parties]
        return parties
