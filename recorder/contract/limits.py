"""What a line and this installation can do, as far as a recording's parameters hang on it."""

import importlib.util
from dataclasses import dataclass

RATES = (8000, 16000, 44100, 48000)  # Hz
FORMATS = ("wav", "mp3", "mp4")  # all that the contract knows
# What this installation can write: for MP4 it needs PyAV, which is not loaded to see whether it is there.
WRITABLE = ("wav", "mp3", *(("mp4",) if importlib.util.find_spec("av") else ()))
HOW_TO_GET = {"mp4": "for mp4 it needs PyAV: pip install 'recorder[mp4]'"}
RING_MARGIN_S = 2.0  # of the ring's length: what the writer may overwrite while a pre-roll is being read


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one line: has it a listen channel and a playback device, how far back may a pre-roll reach."""

    listen: bool
    playback: bool
    pre_roll_max: float = 0.0
    ring_seconds: float = 30.0
    formats: tuple[str, ...] = WRITABLE

    @property
    def longest_pre_roll(self) -> float:
        """Seconds; 0 when pre-roll is off."""
        return max(0.0, min(self.pre_roll_max, self.ring_seconds - RING_MARGIN_S))
