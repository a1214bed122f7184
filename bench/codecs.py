"""Speech codecs of the telephone network, there and back: 8000 Hz int16 through ffmpeg's encoder and decoder."""

import shutil
import subprocess

import numpy as np

from bench.dtmf_signals import Pcm

RAW = ["-f", "s16le", "-ar", "8000", "-ac", "1"]
CODECS = {  # container and encoder
    "A-law": ["alaw", "pcm_alaw"],
    "mu-law": ["mulaw", "pcm_mulaw"],
    "G.726": ["wav", "g726", "-b:a", "32k"],
    "GSM-FR": ["gsm", "libgsm"],
    "Opus 12k": ["ogg", "libopus", "-b:a", "12k", "-application", "voip", "-frame_duration", "20"],
    "Speex": ["ogg", "libspeex", "-b:a", "8k"],
    "AAC 16k": ["matroska", "aac", "-b:a", "16k"],
}


def installed() -> bool:
    return shutil.which("ffmpeg") is not None


def through(codec: str, pcm: Pcm) -> Pcm:
    """What comes out at the far end; codecs with a delay shift it, none shortens it by more than a frame."""
    kind, encoder, *options = CODECS[codec]
    headless = ["-f", kind, "-ar", "8000"] if kind in ("alaw", "mulaw") else ["-f", kind]
    send = ["ffmpeg", "-v", "error", *RAW, "-i", "-", "-c:a", encoder, *options, "-f", kind, "-"]
    receive = ["ffmpeg", "-v", "error", *headless, "-i", "-", *RAW, "-"]
    sent = subprocess.run(send, input=pcm.tobytes(), capture_output=True, check=True).stdout
    return np.frombuffer(subprocess.run(receive, input=sent, capture_output=True, check=True).stdout, np.int16)
