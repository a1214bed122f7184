"""The C core against the same detector written in numpy."""

import importlib.util
from pathlib import Path

import numpy as np

from bench.dtmf_signals import RATE, Tone, saturated, white
from recorder.dsp import VoiceDetector

SOURCE = Path(__file__).parents[2] / "ext/vad/reference.py"
spec = importlib.util.spec_from_file_location("vad_reference", SOURCE)
assert spec is not None
assert spec.loader is not None
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)


def test_core_gives_what_the_reference_gives() -> None:
    rng = np.random.default_rng(21)
    n = np.arange(RATE) / RATE
    glide = sum((np.sin(2 * np.pi * k * (120 * n + 30 * n**2)) / k for k in range(1, 20)), np.zeros(RATE))
    parts = [white(rng, RATE, 8), white(rng, RATE, 2000), 4000 * glide, np.zeros(2 * RATE), 300 * glide]
    parts += [Tone(ms=500).samples("5"), white(rng, RATE, 30000), 3000 + white(rng, RATE, 200)]
    pcm = saturated(np.concatenate(parts))
    ours, expected = VoiceDetector(RATE).process(pcm), reference.heard(pcm)
    assert np.abs(ours - expected).max() < 1e-4
    assert ours.max() - ours.min() > 0.5
