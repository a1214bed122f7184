"""A small picture of a recording for the terminal."""

import array
import math
import wave
from pathlib import Path

BARS = " ▁▂▃▄▅▆▇█"


def waveform(path: Path, columns: int = 78) -> str:
    """One row, a bar per stretch of time, its height the peak's share of full scale on a scale of 48 dB."""
    with wave.open(str(path)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    step = max(1, len(samples) // columns)
    peaks = [max(map(abs, samples[n : n + step]), default=0) for n in range(0, len(samples) - step + 1, step)]
    return "".join(BARS[round(height(peak) * (len(BARS) - 1))] for peak in peaks)


def height(peak: int) -> float:
    """0 at -48 dBFS and below, 1 at full scale."""
    return max(0.0, 1 + 20 * math.log10(max(1, peak) / 32768) / 48)
