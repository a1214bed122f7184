"""Speech without digits, 8000 Hz, from Debian's packages: `voices.py CACHE CLIPS` writes CACHE/voices/NAME.s16.

Games' dialogues and recordings from CACHE/debian/PACKAGE and, of other games, from CLIPS, as ext/vad/train keeps them;
and the GNU GPL as espeak-ng and flite read it, part by part.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LANGUAGES = "en-us de fr es it pt nl sv pl cs ru fi hu tr el cmn vi hi ar ja".split()
VARIANTS = "m1 m3 m5 m7 f1 f2 f3 f5".split()
FLITE_VOICES = "kal awb rms slt kal16".split()
FLITE_PARTS = (3, 11, 22, 35, 47)
PARTS = 60
TEXT = Path("/usr/share/common-licenses/GPL-3")
TO_8000 = "sox -q -t wav --ignore-length - -t raw -e signed -b 16 -c 1 -r 8000 -"
GAMES = ("queen", "sky", "ktuberling", "kajongg", "warzone2100")
SPOKEN = (".ogg", ".wav", ".mp3", ".flac")


def parts() -> list[str]:
    lines = TEXT.read_text().splitlines()
    each = len(lines) / PARTS
    return ["\n".join(lines[round(i * each) : round((i + 1) * each)]) for i in range(PARTS)]


def said(command: list[str], text: str) -> bytes:
    wav = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
    return subprocess.run(TO_8000.split(), input=wav, capture_output=True, check=True).stdout


def espeak() -> Iterator[bytes]:
    text = parts()
    for number, (language, variant) in enumerate(((la, v) for la in LANGUAGES for v in VARIANTS), 1):
        pitch, speed = 20 + number * 17 % 70, 120 + number * 29 % 110
        how = ["espeak-ng", "-v", f"{language}+{variant}", "-p", str(pitch), "-s", str(speed), "-a", "140", "--stdout"]
        yield said([*how, "--stdin"], text[number % PARTS])


def flite() -> Iterator[bytes]:
    text = parts()
    for voice in FLITE_VOICES:
        for part in FLITE_PARTS:
            yield said(["flite", "-voice", voice, "-t", text[part], "-o", "/dev/stdout"], "")


def recorded(package: Path) -> Iterator[bytes]:
    """Music and a game's noises are left out; codec2's .raw files are 8000 Hz as they are."""
    for path in sorted(package.rglob("*")):
        if "music" in str(path).lower() or path.parent.name == "Sounds":
            continue
        if path.suffix == ".raw":
            yield path.read_bytes()
        elif path.suffix in SPOKEN:
            read = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "8000", "-f", "s16le", "-"]
            yield subprocess.run(read, capture_output=True, check=False).stdout


def games(clips: Path) -> Iterator[bytes]:
    for path in sorted(clips.glob("*/voice/*.npz")):
        if path.name.startswith(GAMES):
            yield np.load(path)["pcm"].tobytes()


def main() -> None:
    cache, clips = map(Path, sys.argv[1:])
    sources = {"espeak": espeak(), "flite": flite(), "games": games(clips)}
    sources |= {package.name: recorded(package) for package in sorted((cache / "debian").iterdir())}
    (cache / "voices").mkdir(exist_ok=True)
    for name, pieces in sources.items():
        with (cache / "voices" / f"{name}.s16").open("wb") as file:
            file.writelines(pieces)
        print(f"{name}: {(cache / 'voices' / f'{name}.s16').stat().st_size / 16000 / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
