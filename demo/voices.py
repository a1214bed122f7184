"""The demo's line: spoken prompts with pauses between them, and a caller who presses # at the end."""

import array
import math
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

RATE = 8000
Samples: TypeAlias = "array.array[int]"
PROMPTS = ("hello-world", "thank-you-for-calling", "vm-intro", "conf-getconfno", "tt-weasels")
SOUNDS = Path("/usr/share/asterisk/sounds")
SENTENCES = ("Hello, this is the recorder.", "Please leave your message after the tone.", "Thank you for calling.")


def silence(seconds: float) -> Samples:
    return array.array("h", bytes(2 * round(RATE * seconds)))


def key_press(low_hz: float = 941.0, high_hz: float = 1477.0, seconds: float = 0.12) -> Samples:
    """A DTMF tone, by default #, at -10 dBm0 a tone (ITU-T Q.23)."""
    step = 2 * math.pi / RATE
    return array.array(
        "h",
        (
            round(7000 * (math.sin(step * low_hz * n) + math.sin(step * high_hz * n)))
            for n in range(round(RATE * seconds))
        ),
    )


def read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path}: not 8 kHz mono 16-bit")
        return array.array("h", file.readframes(file.getnframes()))


def spoken() -> Iterator[Samples]:
    """Recorded prompts where Debian's package is there, else sentences from espeak-ng."""
    recorded = [path for name in PROMPTS for path in sorted(SOUNDS.glob(f"en*/{name}.wav"))[:1]]
    if recorded:
        yield from map(read, recorded)
        return
    espeak = shutil.which("espeak-ng")
    if espeak is None:
        raise SystemExit("demo: neither asterisk-core-sounds-en-wav nor espeak-ng is installed")
    with tempfile.TemporaryDirectory() as folder:
        for number, sentence in enumerate(SENTENCES):
            path = Path(folder, f"{number}.wav")
            subprocess.run([espeak, "-w", str(path), sentence], check=True)
            yield at_8_khz(path)


def at_8_khz(path: Path) -> Samples:
    """A mono file of espeak-ng's 22,050 Hz at our rate, by linear interpolation: good enough to be listened to."""
    with wave.open(str(path)) as file:
        rate, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    count = (len(samples) - 1) * RATE // rate
    positions = (n * rate / RATE for n in range(count))
    return array.array(
        "h", (round(samples[int(p)] + (samples[int(p) + 1] - samples[int(p)]) * (p % 1)) for p in positions)
    )


def write_line(path: Path) -> float:
    """Write the line's WAV; returns its length in seconds."""
    line = silence(1.0)
    for prompt in spoken():
        line += prompt + silence(0.6)
    line += key_press() + silence(2.0)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(line.tobytes())
    return len(line) / RATE
