"""How late a digit is told, and how far from the truth its first frame is."""

from collections.abc import Callable

import numpy as np

from bench.dtmf_signals import DIGITS, RATE, Pcm, Tone, dialled, rms_of, saturated, white
from bench.peers import Detector
from recorder.dsp import RATES, DigitDetector

PIECE = 8  # samples at a time: 1 ms


def latency_ms(begin: Callable[[], Detector]) -> tuple[float, float]:
    """Median and most, from the tone's start, of all digits at 14 alignments."""
    delays = []
    for digit in DIGITS:
        for shift in range(0, 160, 12):
            signal, (start,) = dialled(digit, Tone(ms=50, phase=shift), 60, shift=shift)
            delays.append(told_at(begin(), saturated(signal)) - start)
    return float(np.median(delays)) * 1000 / RATE, float(np.max(delays)) * 1000 / RATE


def told_at(detect: Detector, pcm: Pcm) -> int:
    for at in range(0, len(pcm), PIECE):
        if detect(pcm[at : at + PIECE]):
            return at + PIECE
    return len(pcm)


def first_frame_off_ms(rate: int, noise_db: float | None = None) -> float:
    """The most by which a digit's first frame is told too early or too late by our detector."""
    rng, off = np.random.default_rng(5), []
    for digit in DIGITS:
        for phase in range(6):
            tone = Tone(ms=60, phase=phase).samples(digit, rate)
            lead = np.zeros(rate // 10 + 37 * phase)
            signal = np.concatenate([lead, tone, lead])
            rms = 0.0 if noise_db is None else rms_of(tone) * 10 ** (-noise_db / 20)
            events = DigitDetector(rate).process(saturated(signal + white(rng, len(signal), rms)))
            off += [abs(event.frame - len(lead)) for event in events[:1]] or [rate]
    return max(off) * 1000 / rate


def told() -> dict[str, float]:
    named = {f"first frame off by at most, {rate} Hz, ms": first_frame_off_ms(rate) for rate in RATES}
    return named | {"first frame off by at most, noise 9 dB below, ms": first_frame_off_ms(RATE, 9)}
