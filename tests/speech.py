"""Human speech at any rate, as the demo has it: recorded prompts, or where there are none a synthetic voice."""

from functools import cache

import numpy as np

from demo.voices import RATE, spoken


@cache
def _prompts() -> np.ndarray:
    pause = np.zeros(RATE // 2)
    return np.concatenate([part for prompt in spoken() for part in (np.array(prompt, float), pause)])


def speech(rate: int, seconds: float, channels: int = 1) -> np.ndarray:
    """Frames of s16, a column for each channel: two voices at different places, over faint noise but in the pauses."""
    count = round(rate * seconds)
    voice = _prompts()
    at = np.arange(count) * RATE / rate
    columns = [np.interp((at + shift) % len(voice), np.arange(len(voice)), voice) for shift in (0, 21_000)[:channels]]
    frames = np.stack(columns, 1)
    noise = np.random.default_rng(0).normal(0, 8, frames.shape)
    return (frames + np.where(frames == 0, 0, noise)).round().clip(-32768, 32767).astype(np.int16)
