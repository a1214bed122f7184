"""Files as an independent reader has them."""

import io
import wave
from dataclasses import dataclass
from functools import lru_cache

import av
import av.logging
import numpy as np

FORMATS = ("wav", "mp3", "mp4")
CODEC_FRAMES = {"wav": 160, "mp3": 576, "mp4": 1024}  # at 8 kHz; of WAV any will do
LOSS_S = {"wav": 1.0, "mp3": 2.0, "mp4": 2.0}  # what a power cut may cost of a recording


@dataclass(frozen=True, slots=True)
class Sounds:
    """What a file plays. `tolerance_s`: within which its length is promised."""

    seconds: float
    pcm: bytes
    tolerance_s: float = 0.0
    complaints: str = ""


@lru_cache(maxsize=200)  # of tens of thousands of disks, the next has nearly the same files
def decoded(audio: bytes, suffix: str) -> Sounds:
    """A whole file: WAV by Python's own reader, the others by FFmpeg's."""
    return of_wav(audio) if suffix == "wav" else by_ffmpeg(audio, suffix)


def of_wav(audio: bytes) -> Sounds:
    with wave.open(io.BytesIO(audio)) as file:
        pcm = file.readframes(file.getnframes())
        right = len(pcm) == file.getnframes() * file.getnchannels() * 2 == len(audio) - 44
        return Sounds(file.getnframes() / file.getframerate(), pcm, complaints="" if right else "a false head")


def by_ffmpeg(audio: bytes, suffix: str) -> Sounds:
    """PyAV is FFmpeg's libraries in this process; a file must be one that they have nothing to say about."""
    av.logging.set_level(av.logging.WARNING)
    with av.logging.Capture() as said, av.open(io.BytesIO(audio), format=suffix) as container:
        stream = container.streams.audio[0]
        blocks = [frame.to_ndarray() for frame in container.decode(stream)]
        rate, codec_frame = stream.codec_context.sample_rate, stream.codec_context.frame_size
    av.logging.set_level(None)
    samples = np.concatenate(blocks, axis=1).T if blocks else np.zeros((0, 1))
    tolerance_s = {"mp3": 0.5 / rate, "mp4": 2 * codec_frame / rate}[suffix]
    return Sounds(len(samples) / rate, samples.tobytes(), tolerance_s, "; ".join(text for _, _, text in said))


def common(one: bytes, other: bytes) -> int:
    """Bytes that both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
