"""How many bytes a second of audio takes in each format."""

from recorder.writers.writer import Codecs

_WAV_BYTES = 2  # of one sample
_BOXES_KBIT_S = 2  # what the boxes of an MP4 add
_LOOSE = 1.15  # how much more than it was told AAC takes for speech at 8 kHz, where it is worst


def bytes_per_s(name: str, rate: int, channels: int, codecs: Codecs) -> float:
    """Bytes that a second takes, once the file is longer than its head."""
    if name == "wav":
        return float(_WAV_BYTES * rate * channels)
    if name == "mp3":
        return (codecs.mp3_bit_rate or kbit_s_for(rate) * channels) * 125.0
    return ((codecs.mp4_bit_rate or aac_kbit_s_for(rate) * channels) * _LOOSE + _BOXES_KBIT_S) * 125


def kbit_s_for(rate: int) -> int:
    """The bit rate of one channel, in kbit/s, at which a voice is as good as its sampling rate lets it be."""
    return 16 if rate <= 8000 else 32 if rate <= 16000 else 64


def aac_kbit_s_for(rate: int) -> int:
    """The same for AAC: below 20 kbit/s FFmpeg's leaves out what is above 3.2 kHz."""
    return max(20, kbit_s_for(rate))
