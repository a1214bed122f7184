"""The detectors for people: DTMF digits and speech in numpy arrays, at 8000, 16000, 44100 or 48000 Hz.

    digits = DigitDetector(8000)
    voice = VoiceDetector(8000)
    gate = VoiceGate(44.0, 8000)
    for pcm in blocks:  # int16, shape (frames,), any number of frames
        for event in digits.process(pcm):
            print(event.kind, event.digit, event.frame)
        for speaking, frame in gate.feed(voice.process(pcm)):
            print("speech" if speaking else "silence", "from frame", frame)

The same C code hears the lines of the recorder. How audio is cut into blocks changes nothing in the results.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from recorder import _dsp

RATES = (8000, 16000, 44100, 48000)

Pcm: TypeAlias = NDArray[np.int16]
Probabilities: TypeAlias = NDArray[np.float32]

__all__ = ["DigitDetector", "DigitEvent", "VoiceDetector", "VoiceGate", "is_speech"]


@dataclass(frozen=True, slots=True)
class DigitEvent:
    """A DTMF digit begins or ends: `frame` is its tone's first or last frame, counted from the detector's start."""

    kind: Literal["on", "off"]
    digit: str
    frame: int


class DigitDetector:
    """DTMF digits in one channel.

    By ITU-T Q.23 and Q.24: 40 ms of both tones within 1.5 % of nominal are a digit, and 40 ms of pause part two; what
    lies between "must" and "must not" is in ext/include/dtmf.h. `latency_frames` (100 ms) is the most by which an "on"
    is told after its frame; the median is below 40 ms. sample_rate not one of the four: ValueError.
    """

    def __init__(self, sample_rate: int) -> None:
        self._core = _dsp.DigitCore(_checked_rate(sample_rate))
        self.latency_frames = self._core.latency_frames

    def process(self, pcm: Pcm) -> list[DigitEvent]:
        """Hear int16 of shape (frames,) and return what it decides. TypeError: another dtype; ValueError: shape."""
        return _events(self._core.process(_checked_pcm(pcm)))

    def flush(self) -> list[DigitEvent]:
        """Return what the end of the audio decides, as if silence followed. Frames count on, all else starts afresh."""
        return _events(self._core.flush())


class VoiceDetector:
    """Speech probability of one channel, for each 10 ms block.

    Value k speaks of the block k and comes with its last frame: `latency_frames` is 0, nothing is looked ahead for.
    sample_rate not one of the four: ValueError.
    """

    def __init__(self, sample_rate: int) -> None:
        self._core = _dsp.VoiceCore(_checked_rate(sample_rate))
        self.latency_frames = self._core.latency_frames

    def process(self, pcm: Pcm) -> Probabilities:
        """Hear int16 of shape (frames,): float32 of shape (blocks,), 0..1, one per 10 ms completed by it.

        TypeError: another dtype; ValueError: another shape.
        """
        return np.frombuffer(self._core.process(_checked_pcm(pcm)), np.float32)

    def reset(self) -> None:
        """Forget all that was heard; the next frame begins block 0."""
        self._core.reset()


class VoiceGate:
    """Stretches of speech at one sensitivity (0..100), from a VoiceDetector's probabilities.

    Where 4 of 6 blocks (60 ms) reach the threshold, those that do are speech, and so are the 4 blocks ahead of each.
    A stretch is told with its first block's first frame, its end with the first frame behind its last block. A change
    is told at most `delay_blocks` (9) blocks after the block it names. A higher sensitivity never finds less speech.
    ValueError: sensitivity out of range or NaN, sample_rate not one of the four.
    """

    delay_blocks = _dsp.VoiceGate.delay_blocks

    def __init__(self, sensitivity: float, sample_rate: int = 8000) -> None:
        self._gate = _dsp.VoiceGate(sensitivity, _checked_rate(sample_rate) // 100)
        self._blocks = 0

    @property
    def speaking(self) -> bool:
        """Whether the newest change told was the beginning of speech."""
        return self._gate.speaking

    def feed(self, probabilities: Probabilities) -> list[tuple[bool, int]]:
        """Hear the next probabilities, shape (blocks,); changes as (speaking, frame), in order.

        ValueError: another shape, NaN, or a value outside 0..1.
        """
        values = np.asarray(probabilities, np.float64)
        if values.ndim != 1:
            raise ValueError(f"probabilities have shape (blocks,), not {values.shape}")
        if not np.all((values >= 0) & (values <= 1)):
            raise ValueError("a probability is a number from 0 to 1")
        first = self._blocks
        self._blocks += len(values)
        return self._gate.feed(first, (values * 255 + 0.5).astype(np.uint8).tobytes())


def is_speech(probability: float, sensitivity: float) -> bool:
    """Whether a block of that speech probability (0..1) counts as speech at that sensitivity (0..100).

    The threshold falls with the sensitivity, in straight lines: probability 0.97 at 0, 0.5 at 44 (the operating point),
    0.04 at 100. Both sides are held against each other in 255ths, as VoiceGate does. ValueError: out of range or NaN.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability is a number from 0 to 1, not {probability}")
    return int(probability * 255 + 0.5) >= _dsp.voice_threshold(sensitivity)


def _checked_rate(sample_rate: int) -> int:
    if isinstance(sample_rate, bool) or sample_rate not in RATES:
        raise ValueError(f"sample_rate is one of {', '.join(map(str, RATES))}, not {sample_rate!r}")
    return int(sample_rate)


def _checked_pcm(pcm: object) -> bytes:
    if not isinstance(pcm, np.ndarray):
        raise TypeError(f"pcm is a numpy array of int16, not {type(pcm).__name__}")
    if pcm.dtype != np.int16:
        raise TypeError(f"pcm is int16, not {pcm.dtype}")
    if pcm.ndim != 1:
        raise ValueError(f"pcm has shape (frames,), not {pcm.shape}")
    return pcm.tobytes()


def _events(found: list[tuple[str, str, int]]) -> list[DigitEvent]:
    return [DigitEvent(cast("Literal['on', 'off']", kind), digit, frame) for kind, digit, frame in found]
