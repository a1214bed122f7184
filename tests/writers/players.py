"""What independent readers say of a file: FFmpeg, ffprobe, mutagen."""

import json
import subprocess
from pathlib import Path

import numpy as np


def ffmpeg(path: Path, channels: int) -> np.ndarray:
    """The file decoded, a column for each channel. AssertionError: FFmpeg has something to complain of."""
    command = ["ffmpeg", "-v", "warning", "-i", path, "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return np.frombuffer(done.stdout, np.int16).reshape(-1, channels).astype(float)


def ffprobe(path: Path) -> dict:
    """Its "format" and its only stream, as `{"format": ..., "streams": [...]}`."""
    command = ["ffprobe", "-v", "warning", "-of", "json", "-show_format", "-show_streams", path]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr.decode() == ""
    return json.loads(done.stdout)


def level_db(frames: np.ndarray) -> float:
    """RMS, dB below full scale."""
    return 10 * np.log10((frames.astype(float) ** 2).mean() / 32768**2 + 1e-12)


def damaged(whole: np.ndarray, seam: np.ndarray, codec_frame: int) -> int:
    """Codec frames louder than -50 dBFS that are off by more than -10 dB of their level."""
    count = 0
    for start in range(0, len(whole) - codec_frame + 1, codec_frame):
        ours, theirs = seam[start : start + codec_frame], whole[start : start + codec_frame]
        pairs = [(theirs[:, channel], ours[:, channel]) for channel in range(whole.shape[1])]
        count += any(level_db(a) > -50 and level_db(b - a) > level_db(a) - 10 for a, b in pairs)
    return count
