"""Speech without digits, 8000 Hz, from Debian's packages: `voices.py CACHE CLIPS` writes CACHE/voices/NAME.s16.

Games' dialogues and recordings from CACHE/debian/PACKAGE and, of other games, from CLIPS, as ext/vad/train keeps them;
the GNU GPL as espeak-ng and flite read it, part by part; the voices of bench/talk.py with other words than there; and
words made up, in espeak-ng's other languages and by its named variants. In more languages and by more variants, which
the weights are not fitted on, CACHE/unheard/unheard.s16.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench import talk

LANGUAGES = "en-us de fr es it pt nl sv pl cs ru fi hu tr el cmn vi hi ar ja".split()
VARIANTS = "m1 m3 m5 m7 f1 f2 f3 f5".split()
FLITE_VOICES = "kal awb rms slt kal16".split()
FLITE_PARTS = (3, 11, 22, 35, 47)
PARTS = 60
OTHER_LANGUAGES = (
    "en-gb ro bg sr da ko sw ta fa ka eo lv sk et ga af mk ne uz cy en-029 fr-be kk mt tt vi-vn-x-south an ba bn bs "
    "en-gb-x-rp es-419 gd grc gu he hr ia is kl ku la lt ml my nog om pt-br qu sl te ug"
).split()
NAMED_VARIANTS = (
    "adam Alicia Andy belinda boris david Denis ed edward2 Gene gustave Hugo iven2 Jacky Lee marcelo max "
    "michel Mike Nguyen paul quincy RicishayMax2 robert steph2 Tweaky anika norbert travis f2 m3 klatt klatt3 f4 m7 "
    "grandma Annie linda zac caleb"
).split()
UNHEARD_LANGUAGES = (
    "am as az be ca cv en-gb-scotland en-us-nyc eu fa-latn fr-ch gn haw ht hy id io jbo kn ky lb mi mr ms nb pa pap "
    "shn sq th uk ur yue"
).split()
UNHEARD_VARIANTS = (
    "Alex Andrea Diogo Gene2 Henrique Marco Mario RicishayMax RicishayMax3 "
    "aunty benjamin edward grandpa iven iven3 iven4 john kaukovalta klatt2 klatt4 klatt5 klatt6 miguel pablo "
    "pedro rob sandro shelby steph steph3 victor"
).split()
CONSONANTS, VOWELS = "b c d f g h j k l m n p r s t v z ch sh tr pl st".split(), "a e i o u ai ou ee oo ei ia".split()
VARIANTS_HOURS, UNHEARD_HOURS, BENCH_HOURS, WORDS = 9, 5, 6.6, 200
LICENCES = Path("/usr/share/common-licenses")
TEXT = LICENCES / "GPL-3"
BENCH_READS = ("GPL-1", "LGPL-2", "LGPL-3")  # none of those that bench/talk.py reads
TO_8000 = "sox -R -q -t wav --ignore-length - -t raw -e signed -b 16 -c 1 -r 8000 -"
GAMES = ("drascula", "queen", "sky", "ktuberling", "kajongg", "warzone2100")
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


def made_up(words: list[str], rng: np.random.Generator) -> str:
    """Words of a text in any order, every other one made up."""
    at = rng.integers(0, len(words) - WORDS)
    known = list(words[at : at + WORDS])
    rng.shuffle(known)
    said = []
    for word in known:
        if rng.random() < 0.5:
            said.append(word)
            continue
        made = "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.integers(1, 4)))
        said.append(made + ("," if rng.random() < 0.1 else ""))
    return " ".join(said)


def variants(languages: list[str], names: list[str], hours: float, seed: int) -> Iterator[bytes]:
    """Voices that speak anything, all of it drawn anew for each piece."""
    rng, left = np.random.default_rng(seed), hours * 3600 * 8000 * 2
    words = re.findall(r"[A-Za-z',.]+", "".join((LICENCES / n).read_text() for n in ("GPL-2", "LGPL-2.1", "Artistic")))
    while left > 0:
        voice = f"{rng.choice(languages)}+{rng.choice(names)}"
        pitch, speed, loudness = rng.integers(10, 95), rng.integers(90, 240), rng.integers(80, 160)
        how = ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-a", str(loudness), "--stdout"]
        pcm = said([*how, made_up(words, rng)], "")
        left -= len(pcm)
        yield pcm


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
    sources = {"voices/espeak": espeak(), "voices/flite": flite(), "voices/games": games(clips)}
    sources["voices/variants"] = variants(OTHER_LANGUAGES, NAMED_VARIANTS, VARIANTS_HOURS, seed=1)
    sources["unheard/unheard"] = variants(UNHEARD_LANGUAGES, UNHEARD_VARIANTS, UNHEARD_HOURS, seed=2)
    sources["voices/bench"] = (said.tobytes() for said in talk.synthetic(BENCH_HOURS, talk.words_of(BENCH_READS)))
    sources |= {f"voices/{package.name}": recorded(package) for package in sorted((cache / "debian").iterdir())}
    for name, pieces in sources.items():
        path = cache / f"{name}.s16"
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.writelines(pieces)
        print(f"{name}: {path.stat().st_size / 16000 / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
