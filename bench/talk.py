"""Speech without digits, 8000 Hz: what espeak-ng says in twenty languages, and the voices of packages that are there.

The packages' recordings are games' dialogues, spoken by people; Debian has them. Nothing is kept between two runs.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.dtmf_signals import RATE, Pcm

LANGUAGES = [
    "en-us",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "pl",
    "cs",
    "ru",
    "fi",
    "hu",
    "tr",
    "el",
    "cmn",
    "vi",
    "hi",
    "ar",
    "ja",
]
VARIANTS = ["m1", "m2", "m4", "m6", "m8", "f1", "f2", "f4", "croak"]
FOLDERS = {
    "fillets-ng-data": "/usr/share/games/fillets-ng/sound",
    "hedgewars-data": "/usr/share/games/hedgewars/Data/Sounds/voices",
    "codec2-examples": "/usr/share/codec2/examples",
    "pocketsphinx-testdata": "/usr/share/pocketsphinx/test/data",
}
PACKAGES = (*FOLDERS, "fillets-ng-data-cs", "fillets-ng-data-nl")
SPEEDS = (0.7, 0.76, 0.83, 0.9, 0.95, 1.05, 1.1, 1.17, 1.24, 1.3)
TO_8000 = "sox -q -t wav --ignore-length - -t raw -e signed -b 16 -c 1 -r 8000 -"
DOCS = Path(__file__).parent.parent / "docs"


def synthetic(hours: float) -> Iterator[Pcm]:
    """About so much speech, each voice in turn, until it is enough."""
    words = re.findall(r"[A-Za-z0-9',.]+", " ".join(path.read_text() for path in sorted(DOCS.glob("*.md"))))
    voices = [(f"{language}+{variant}", 30 + 7 * v) for v, variant in enumerate(VARIANTS) for language in LANGUAGES]
    left = hours * 3600 * RATE
    for turn in range(10_000):
        if left <= 0 or None in (shutil.which("espeak-ng"), shutil.which("sox")):
            return
        voice, pitch = voices[turn % len(voices)]
        text = " ".join(words[turn * 250 % len(words) :][:250])
        say = [
            "espeak-ng",
            "-v",
            voice,
            "-p",
            str(pitch),
            "-s",
            str(130 + turn * 29 % 100),
            "-a",
            "120",
            "--stdout",
            text,
        ]
        said = subprocess.run(say, capture_output=True, check=True).stdout
        pcm = np.frombuffer(
            subprocess.run(TO_8000.split(), input=said, capture_output=True, check=True).stdout, np.int16
        )
        left -= len(pcm)
        yield pcm


def recorded() -> Iterator[Pcm]:
    """What the packages hold, ffmpeg reading all files of a folder in one go."""
    for folder in FOLDERS.values():
        files = sorted(path for path in Path(folder).rglob("*") if path.suffix in {".ogg", ".wav", ".flac"})
        listing = "".join(f"file '{path}'\n" for path in files if "'" not in str(path))
        if listing:
            read = "ffmpeg -v quiet -f concat -safe 0 -protocol_whitelist file,pipe -i - -ac 1 -ar 8000 -f s16le -"
            yield np.frombuffer(
                subprocess.run(read.split(), input=listing.encode(), capture_output=True, check=False).stdout, np.int16
            )


def spoken(hours: float) -> Pcm:
    """The packages' voices, filled up to that length by espeak-ng, or cut to it."""
    most = round(hours * 3600 * RATE)
    people = np.concatenate([np.zeros(0, np.int16), *recorded()])[:most]
    return np.concatenate([people, *synthetic(hours - len(people) / RATE / 3600)])[:most]
