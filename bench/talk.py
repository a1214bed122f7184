"""Speech without digits, 8000 Hz: what espeak-ng says in twenty languages, and the voices of packages that are there.

The packages' recordings are games' dialogues, spoken by people; Debian has them. espeak-ng reads licences aloud, which
every Debian has and nobody edits, and which ext/dtmf/fit doesn't read. Nothing is kept between two runs.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
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
STRIDE = 77  # with it a few hours hear all variants, and many hours all voices
FOLDERS = {
    "fillets-ng-data": "/usr/share/games/fillets-ng/sound",
    "hedgewars-data": "/usr/share/games/hedgewars/Data/Sounds/voices",
    "codec2-examples": "/usr/share/codec2/wav",
    "pocketsphinx-testdata": "/usr/share/pocketsphinx/test/data",
}
PACKAGES = (*FOLDERS, "fillets-ng-data-cs", "fillets-ng-data-nl")
SPEEDS = (0.7, 0.76, 0.83, 0.9, 0.95, 1.05, 1.1, 1.17, 1.24, 1.3)
RAW_8000 = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", "8000", "-"]
FROM_SAID = ["sox", "-R", "-q", "-t", "wav", "--ignore-length", "-", *RAW_8000]
FROM_CLIP = ["sox", "-R", "-q", "-V1"]
NO_VOICES = ("share",)  # knocks and bubbles
LICENCES = Path("/usr/share/common-licenses")
READ = ("Apache-2.0", "CC0-1.0", "GFDL-1.3", "MPL-1.1", "MPL-2.0")


def words_of(names: Iterable[str]) -> list[str]:
    """Of Debian's licences of these names; exits where base-files, which holds them, is not there."""
    try:
        text = " ".join((LICENCES / name).read_text() for name in names)
    except OSError as error:
        sys.exit(f"{error.filename}: no such text to read aloud; it is part of the package base-files")
    return re.findall(r"[A-Za-z0-9',.]+", text)


def synthetic(hours: float, words: list[str]) -> Iterator[Pcm]:
    """About so much speech, each voice in turn, until it is enough."""
    voices = [(f"{language}+{variant}", 30 + 7 * v) for v, variant in enumerate(VARIANTS) for language in LANGUAGES]
    left = hours * 3600 * RATE
    for turn in range(10_000):
        if left <= 0 or None in (shutil.which("espeak-ng"), shutil.which("sox")):
            return
        voice, pitch = voices[turn * STRIDE % len(voices)]
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
        pcm = np.frombuffer(subprocess.run(FROM_SAID, input=said, capture_output=True, check=True).stdout, np.int16)
        left -= len(pcm)
        yield pcm


def recorded(hours: float) -> Iterator[Pcm]:
    """The packages' clips, at most so much, in one mixed order; a tenth of a second of silence behind each."""
    clips = [
        path
        for folder in FOLDERS.values()
        for path in sorted(Path(folder).rglob("*"))
        if path.suffix in {".ogg", ".wav"} and path.parent.name not in NO_VOICES
    ]
    left = hours * 3600 * RATE
    for clip in np.random.default_rng(5).permutation(len(clips)):
        if left <= 0 or shutil.which("sox") is None:
            return
        heard = subprocess.run([*FROM_CLIP, clips[clip], *RAW_8000], capture_output=True, check=True).stdout
        pcm = np.concatenate([np.frombuffer(heard, np.int16), np.zeros(RATE // 10, np.int16)])
        left -= len(pcm)
        yield pcm


def spoken(hours: float, licences: Iterable[str] = READ) -> Pcm:
    """Half of it, if there is so much, the packages' voices; the rest espeak-ng reading the licences."""
    most = round(hours * 3600 * RATE)
    people = np.concatenate([np.zeros(0, np.int16), *recorded(hours / 2)])[: most // 2]
    rest = synthetic(hours - len(people) / RATE / 3600, words_of(licences))
    return np.concatenate([people, *rest])[:most]
