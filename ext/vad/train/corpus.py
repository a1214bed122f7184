"""Voices, music and other sounds from Debian's packages and synthesizers, as 8000 Hz int16 clips by talker.

    python corpus.py CACHE    # reads CACHE/debian/PACKAGE, writes CACHE/clips/SPLIT/KIND/NAME.npz

A talker (or a tune) is in one split only, and whole languages and packages are kept out of training.
"""

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

RATE = 8000
SHORTEST = 0.25  # s
LONGEST = 90  # s of one clip
Clip = NDArray[np.int16]

HELD_OUT_PIECES = (
    "/da/",
    "/lt/",
    "/gl/",
    "/de/",
    "/el/",
    "/fi/",
    "/sv/",
    "/British/",
    "/Russian/",
    "/Default_uk/",
    "/HillBilly/",
)


@dataclass(frozen=True)
class Source:
    """Files of one package and one kind. `talker`: which part of the path names the talker; -1: the package does."""

    package: str
    pattern: str
    kind: str
    talker: int = -1
    split: str = ""  # else by the name
    archive: str = ""  # a ZIP in which the files are


SOURCES = (
    Source("fillets-ng-data-cs", "**/cs/*.ogg", "voice"),
    Source("fillets-ng-data-nl", "**/nl/*.ogg", "voice", split="test"),
    Source("ktuberling-data", "**/sounds/*/*.*", "voice", talker=-2),
    Source("hedgewars-data", "**/voices/*/*.ogg", "voice", talker=-2),
    Source("kajongg", "**/voices/female?/*.ogg", "voice", talker=-2),
    Source("kajongg", "**/voices/male?/*.ogg", "voice", talker=-2),
    Source("pocketsphinx-testdata", "**/*.wav", "voice", split="test"),
    Source("pocketsphinx-testdata", "**/data/*.raw", "voice", split="test"),
    Source("fillets-ng-data", "**/music/*.ogg", "music"),
    Source("supertux-data", "**/music/*/*.ogg", "music"),
    Source("extremetuxracer-data", "**/*.ogg", "music"),
    Source("frozen-bubble-data", "**/snd/*.ogg", "music", split="test"),
    Source("singularity-music", "**/*.ogg", "music"),
    Source("drascula-music", "**/audio/*.ogg", "music"),
    Source("fretsonfire-songs-sectoid", "**/*.ogg", "music"),
    Source("lincity-ng-data", "**/music/*/*.ogg", "music"),
    Source("wesnoth-1.16-music", "**/music/*.ogg", "music"),
    Source("warzone2100-music", "**/albums/*/*.opus", "music"),
    Source("asc-music", "**/music/*.mp3", "music"),
    Source("fretsonfire-songs-muldjord", "**/guitar.ogg", "music"),
    Source("unknown-horizons", "**/music/**/*.ogg", "music"),
    Source("linphone-common", "**/rings/*.*", "music", split="test"),
    Source("hedgewars-data", "**/Music/*.ogg", "music", split="test"),
    Source("hedgewars-data", "**/Sounds/*.ogg", "sfx", split="test"),
    Source("supertux-data", "**/sounds/*.*", "sfx"),
    Source("fillets-ng-data", "**/en/*.ogg", "sfx"),
    Source("0ad-data", "audio/voice/greek/*/*.ogg", "voice", -3, "check", "**/public.zip"),
    Source("0ad-data", "audio/voice/[!g]*/*/*.ogg", "voice", -3, "more", "**/public.zip"),
    Source("nexuiz-data", "sound/player/[fm]*/coms/*.ogg", "voice", -3, "check", "**/data.pk3"),
    Source("nexuiz-data", "sound/player/[!fm]*/coms/*.ogg", "voice", -3, "more", "**/data.pk3"),
    Source("nexuiz-data", "sound/announcer/*/*.ogg", "voice", -2, "more", "**/data.pk3"),
    Source("nexuiz-data", "sound/tutorial/*.ogg", "voice", -2, "more", "**/data.pk3"),
    Source("trigger-rally-data", "sounds/codriver/paula/*", "voice", -2, "check", "**/data.zip"),
    Source("trigger-rally-data", "sounds/codriver/[!p]*/*", "voice", -2, "more", "**/data.zip"),
    Source("openarena-data", "sound/voices/*/*", "voice", -2, "more", "**/mp-pak0.pk3"),
    Source("openarena-081-misc", "sound/feedback/*", "voice", -2, "more", "**/pak6-misc.pk3"),
    Source("megaglest-data", "**/norsemen/units/*/sounds/*_[as][ce][kl]*", "voice", -5, "check"),
    Source("megaglest-data", "**/factions/[!n]*/units/*/sounds/*_[as][ce][kl]*", "voice", -5, "more"),
    Source("redeclipse-data", "**/sounds/voice/*.ogg", "voice", -2, "check"),
    Source("redeclipse-data", "**/sounds/announcer/*.ogg", "voice", -2, "more"),
    Source("csmash-data", "**/wav/*.wav", "voice", split="more"),
    Source("boswars-data", "**/campaigns/tutorial/*.wav", "voice", -2, "more"),
    Source("boswars-data", "**/units/*/*.wav", "voice", -3, "more"),
    Source("nexuiz-music", "**/*.ogg", "music", -1, "check", "**/*.pk3"),
    Source("planetblupi-music-ogg", "**/*.ogg", "music", split="check"),
    Source("0ad-data", "audio/music/*.ogg", "music", -1, "more", "**/public.zip"),
    Source("hyperrogue-music", "**/*.ogg", "music", split="more"),
    Source("megaglest-data", "**/music/*.ogg", "music", split="more"),
    Source("naev-data", "**/snd/music/*.ogg", "music", split="more"),
    Source("redeclipse-data", "**/sounds/music/*.ogg", "music", split="more"),
    Source("supertuxkart-data", "**/data/music/*.ogg", "music", split="more"),
    Source("redeclipse-data", "**/sounds/ambience/*.ogg", "sfx", split="more"),
    Source("scorched3d-data", "**/wav/misc/*.wav", "sfx", split="more"),
)
ESPEAK_TRAIN = "en-us en-gb-x-rp fr-fr es it pt-br pl cs hu tr ar fa hi ta cmn id sw ka ko da nb bg sk hr et lv el he"
ESPEAK_HELD_OUT = "de nl ru vi yue fi ja th ro uk"
TEXT = (
    "The north wind and the sun argued who was stronger. One two three four five six seven eight nine ten. "
    "Mañana por la tarde, bitte warten Sie, merci beaucoup, dobry den, hyvää päivää. 2026 31 87 19. "
    "Mama, papa, sasa, fifi, shosho, haha, lala, nana, rara, wawa, yoyo."
)


def brought_down(samples: NDArray[np.float64], rate: int) -> Clip:
    """Mono at 8000 Hz, peak at half of full scale."""
    mono = samples.mean(axis=1) if samples.ndim == 2 else samples
    if rate != RATE:
        divisor = gcd(RATE, rate)
        mono = signal.resample_poly(mono, RATE // divisor, rate // divisor)
    mono = mono - mono.mean()
    peak = np.abs(mono).max(initial=1e-9)
    return np.round(mono * (16384 / peak)).astype(np.int16)


def read(file: Path | io.BytesIO) -> Clip | None:
    try:
        with soundfile.SoundFile(file) as heard:
            return brought_down(heard.read(LONGEST * heard.samplerate, dtype="float64"), heard.samplerate)
    except soundfile.LibsndfileError:
        return None


def decoded(path: Path) -> Clip | None:
    try:
        if path.suffix == ".raw":
            return brought_down(np.fromfile(path, np.int16).astype(float), 16000)
        if path.suffix == ".mkv":
            words = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"]
            raw = subprocess.run(words, capture_output=True, check=True).stdout
            return brought_down(np.frombuffer(raw, np.int16).astype(float), RATE)
        return read(path)
    except (subprocess.CalledProcessError, ValueError):
        return None


def split_of(name: str, source: Source) -> str:
    return source.split or ("test" if any(piece in name for piece in HELD_OUT_PIECES) else "train")


Found = tuple[str, str, str, Clip]  # split, kind, talker, clip


def opened(root: Path, source: Source) -> Iterator[tuple[Path, Clip | None]]:
    if not source.archive:
        for path in sorted((root / source.package).glob(source.pattern)):
            yield path, decoded(path) if path.is_file() else None
        return
    for packed in sorted((root / source.package).glob(source.archive)):
        with zipfile.ZipFile(packed) as archive:
            for name in sorted(archive.namelist()):
                if PurePath(name).match(source.pattern):
                    yield Path(name), read(io.BytesIO(archive.read(name)))


def files(root: Path, source: Source) -> Iterator[Found]:
    for path, clip in opened(root, source):
        if clip is None:
            continue
        talker = f"{source.package}-{path.parts[source.talker]}" if source.talker != -1 else source.package
        yield split_of(str(path), source), source.kind, talker, clip


def warzone(root: Path) -> Iterator[Found]:
    """`base.wz` is a ZIP; what is neither music nor of `sfx` is radio speech, told by folder."""
    with zipfile.ZipFile(root / "warzone2100-data/usr/share/games/warzone2100/base.wz") as archive:
        for name in sorted(archive.namelist()):
            parts = Path(name).parts
            if parts[0] != "audio" or not name.endswith(".ogg") or parts[1] in ("radclick", "music"):
                continue
            samples, rate = soundfile.read(io.BytesIO(archive.read(name)))
            kind = "sfx" if parts[1] == "sfx" else "voice"
            yield "train", kind, f"warzone2100-{parts[1]}", brought_down(samples, rate)


def ufo(root: Path) -> Iterator[Found]:
    """`0music.pk3` is a ZIP of Ogg files."""
    with zipfile.ZipFile(root / "ufoai-music/usr/share/games/ufoai/base/0music.pk3") as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".ogg"):
                samples, rate = soundfile.read(io.BytesIO(archive.read(name)))
                yield "train", "music", "ufoai-music", brought_down(samples, rate)


def amazon_queen(root: Path) -> Iterator[Found]:
    """`queen.1c`: 15 bytes of head, then a table of name, bundle, offset and size; MP3 bodies."""
    data = (root / "flight-of-the-amazon-queen/usr/share/scummvm/flight-of-the-amazon-queen/queen.1c").read_bytes()
    (count,) = struct.unpack(">H", data[13:15])
    for at in range(15, 15 + 21 * count, 21):
        name = data[at : at + 12].rstrip(b"\0").decode("latin1")
        offset, size = struct.unpack(">II", data[at + 13 : at + 21])
        if not name.endswith(".SB") or not name[:6].isdigit():
            continue
        try:
            samples, rate = soundfile.read(io.BytesIO(data[offset : offset + size]))
        except soundfile.LibsndfileError:
            continue
        yield "train", "voice", f"queen-{name[6:8]}", brought_down(samples, rate)


def steel_sky(root: Path) -> Iterator[Found]:
    """`sky.dsk` by its index `sky.dnr`: from number 50000 on it is speech, 22 bytes of head, then 11025 Hz, 8 bits."""
    folder = root / "beneath-a-steel-sky/usr/share/scummvm/beneath-a-steel-sky"
    index, data = (folder / "sky.dnr").read_bytes(), (folder / "sky.dsk").read_bytes()
    for at in range(4, len(index) - 7, 8):
        number, low, high = struct.unpack("<HI", index[at : at + 6])[0], 0, 0
        low = int.from_bytes(index[at + 2 : at + 5], "little")
        high = int.from_bytes(index[at + 5 : at + 8], "little")
        offset = (low & 0x7FFFFF) << 4 if low >> 23 else low
        size = high & 0x3FFFFF
        if number < 50000 or size < 4000:
            continue
        samples = np.frombuffer(data[offset + 22 : offset + size], np.uint8).astype(float) - 128
        yield "train", "voice", f"sky-{number // 1000}", brought_down(samples, 11025)


def drascula(root: Path) -> Iterator[Found]:
    """Raw bytes at 11025 Hz; letters in a file's name stand for its actor, digits alone for the hero."""
    for language, folder in (("en", "drascula"), ("es", "drascula-spanish")):
        for path in sorted((root / folder).rglob("*.ALS")):
            if path.is_symlink():  # to what is in another package
                continue
            samples = np.frombuffer(path.read_bytes(), np.uint8).astype(float) - 128
            actor = path.stem.rstrip("0123456789") or "hero"
            yield "train", "voice", f"drascula-{language}-{actor}", brought_down(samples, 11025)


def codec2(root: Path) -> Iterator[Found]:
    for path in sorted((root / "codec2-examples/usr/share/codec2/wav").glob("*.wav")):
        clip = decoded(path)
        if clip is not None:
            yield "test", "voice", f"codec2-{path.stem}", clip


def espoken(text: str, language: str, variant: str, pitch: int, speed: int) -> Clip:
    words = ["espeak-ng", "-v", f"{language}+{variant}", "-p", str(pitch), "-s", str(speed), "--stdout", text]
    said = subprocess.run(words, capture_output=True, check=True).stdout
    return brought_down(np.frombuffer(said[44:], np.int16).astype(float), 22050)


def synthetic() -> Iterator[Found]:
    variants = ("m1", "m3", "f1", "f4", "m7", "f2", "klatt", "klatt4", "croak", "whisper", "whisperf")
    rng = np.random.default_rng(11)
    sentences = [part.strip() for part in TEXT.replace(",", ".").split(".") if part.strip()]
    for split, languages in (("train", ESPEAK_TRAIN), ("test", ESPEAK_HELD_OUT)):
        for language in languages.split():
            for variant in rng.choice(variants, 4, replace=False):
                pitch, speed = int(rng.integers(10, 95)), int(rng.integers(120, 230))
                for sentence in sentences:
                    yield (
                        split,
                        "voice",
                        f"espeak-{language}-{variant}",
                        espoken(sentence, language, variant, pitch, speed),
                    )
    for voice in ("kal", "awb", "rms", "slt"):
        for sentence in sentences:
            said = subprocess.run(
                ["flite", "-voice", voice, "-t", sentence, "-o", "/dev/stdout"], capture_output=True, check=True
            ).stdout
            rate = struct.unpack("<I", said[24:28])[0]
            yield (
                "train",
                "voice",
                f"flite-{voice}",
                brought_down(np.frombuffer(said[44:], np.int16).astype(float), rate),
            )


ASCII_TEXT = TEXT.encode("ascii", "ignore").decode()
FESTIVAL = {
    "more": "czech_dita czech_krb czech_ph hy_fi_mv_diphone suo_fi_lj_diphone ked_diphone kal_diphone lp_diphone "
    "pc_diphone upc_ca_ona_hts",
    "check": "czech_machac msu_ru_nsh_clunits cmu_us_slt_arctic_hts",
}


def festival() -> Iterator[Found]:
    """Of recorded pieces of people, or of statistics of them, which is nearer to people than espeak-ng is."""
    for split, voices in FESTIVAL.items():
        for voice in voices.split():
            with NamedTemporaryFile(suffix=".wav") as said:
                words = ["text2wave", "-eval", f"(voice_{voice})", "-o", said.name]
                subprocess.run(words, input=ASCII_TEXT.encode(), capture_output=True, check=True)
                samples, rate = soundfile.read(said.name)
            yield split, "voice", f"festival-{voice}", brought_down(samples, rate)


def main() -> None:
    cache = Path(sys.argv[1])
    root = cache / "debian"
    found: dict[tuple[str, str, str], list[Clip]] = {}
    ways = [files(root, source) for source in SOURCES]
    archives = (warzone, amazon_queen, steel_sky, drascula, ufo, codec2)
    for way in (*ways, *(way(root) for way in archives), synthetic(), festival()):
        for split, kind, talker, clip in way:
            if len(clip) >= SHORTEST * RATE:
                found.setdefault((split, kind, talker), []).append(clip[: LONGEST * RATE])
    for (split, kind, talker), clips in sorted(found.items()):
        folder = cache / "clips" / split / kind
        folder.mkdir(parents=True, exist_ok=True)
        bounds = np.cumsum([0, *map(len, clips)])
        np.savez(folder / f"{talker}.npz", pcm=np.concatenate(clips), bounds=bounds)
        print(f"{split:6}{kind:6}{talker:40}{len(clips):6}{bounds[-1] / RATE / 60:8.1f} min")


if __name__ == "__main__":
    main()
