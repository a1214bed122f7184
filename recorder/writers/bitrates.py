"""How many bytes a second of audio takes in each format."""

from recorder.writers.writer import Codecs

_WAV_BYTES = 2  # of one sample
_HEADS = 1.02  # what the boxes of an MP4 add


def bytes_per_s(name: str, rate: int, channels: int, codecs: Codecs) -> float:
    """Bytes that a second takes, once the file is longer than its head."""
    if name == "wav":
        return float(_WAV_BYTES * rate * channels)
    chosen = codecs.mp3_bit_rate if name == "mp3" else codecs.mp4_bit_rate
    kbit_s = chosen or kbit_s_for(rate) * channels
    return kbit_s * 125 * (_HEADS if name == "mp4" else 1.0)


def kbit_s_for(rate: int) -> int:
    """The bit rate of one channel, in kbit/s, at which a voice is as good as its sampling rate lets it be."""
    return 16 if rate <= 8000 else 32 if rate <= 16000 else 64
