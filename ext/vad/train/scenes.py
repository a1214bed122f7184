"""Calls as a line may bring them, 20 s each, with the truth for each 10 ms.

    python scenes.py CACHE SPLIT COUNT SEED [MIX]

Writes CACHE/scenes/SPLIT-SEED.npz: pcm (scenes, 160000) int16, truth (scenes, 2000): 0 none, 1 speech, 2 do not care.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from noises import RATE, STEADY, Random, Wave, coloured, scaled, spectral_channel
from numpy.typing import NDArray
from scipy import signal

SECONDS = 20
COUNT = SECONDS * RATE
BLOCK = 80
SPEEDS = (20, *range(14, 28))  # of 20: pitch and formants move with it
NOISES = (
    "none",
    "comfort",
    "white",
    "pink",
    "room",
    "car",
    "hum",
    "clicks",
    "babble",
    "music",
    "chords",
    "sfx",
    "cadence",
    "keys",
    "data",
    "beeps",
    "dial",
)
CODECS = ("none", "alaw", "mulaw", "gsm", "g726", "opus", "amr", "speex", "codec2")
CODEC_WEIGHTS = np.array((30, 18, 18, 8, 4, 8, 6, 5, 3.0))
Truth = NDArray[np.uint8]


@dataclass(frozen=True)
class Mix:
    """How likely each of the noises is, and what else is as it is not in others."""

    weights: tuple[float, ...]
    evenly: bool = False  # noises are spread evenly from -5 to 20 dB below speech
    longest: float = 1  # so many times as long as they were, clips are drawn out at most
    ends: float = 0.4  # how often nobody speaks any more from some moment on


MIXES = {
    "plain": Mix((7, 8, 8, 8, 8, 10, 6, 10, 14, 16, 4, 6, 5, 4, 2.0, 0, 0)),
    "crowd": Mix((2, 3, 4, 5, 5, 5, 3, 5, 34, 34, 3, 6, 2, 2, 1.0, 0, 0)),
    "line": Mix((6, 6, 12, 12, 5, 12, 12, 10, 15, 17, 4, 3, 2, 2, 1.0, 1, 0), evenly=True),
    "drawn": Mix((8, 8, 10, 10, 6, 10, 10, 14, 8, 8, 2, 3, 1, 1, 1.0, 0, 0), evenly=True, longest=3),
    "tones": Mix((7, 8, 8, 8, 8, 10, 6, 10, 14, 18, 8, 6, 14, 10, 4.0, 24, 0)),
    "din": Mix((2, 2, 4, 4, 2, 5, 5, 5, 38, 38, 2, 3, 1, 1, 1.0, 0, 0), evenly=True),
    "ends": Mix((3, 2, 4, 5, 4, 5, 4, 6, 30, 50, 6, 6, 2, 2, 1.0, 1, 0), evenly=True, ends=0.85),
    "dial": Mix((2, 2, 4, 4, 3, 4, 4, 4, 6, 6, 4, 2, 4, 2, 1.0, 4, 44)),
}


@dataclass(frozen=True)
class Talker:
    """Clips one after another, their bounds, and whether each 10 ms block of each is speech."""

    pcm: NDArray[np.int16]
    bounds: NDArray[np.int64]
    active: NDArray[np.bool_]

    def clips(self) -> list[tuple[NDArray[np.int16], NDArray[np.bool_]]]:
        out, at = [], 0
        for a, b in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            blocks = (b - a) // BLOCK
            flags = self.active[at : at + blocks]
            at += blocks
            if flags.any():
                out.append((self.pcm[a : a + blocks * BLOCK], flags))
        return out


class Stock:
    """What scenes are made of, of one split; `more` is had together with `train`."""

    def __init__(self, cache: Path, split: str) -> None:
        roots = [cache / "clips" / name for name in (("train", "more") if split == "more" else (split,))]
        self.talkers, sizes = [], []
        for path in sorted(path for root in roots for path in root.glob("voice/*.npz")):
            stored = np.load(path)
            clips = Talker(stored["pcm"], stored["bounds"], np.load(path.with_suffix(".active.npy"))).clips()
            if clips:
                self.talkers.append(clips)
                sizes.append(
                    min(600, sum(len(clip) for clip, _ in clips) / RATE) * (0.35 if "espeak" in path.name else 1)
                )
        self.share = np.sqrt(sizes) / np.sqrt(sizes).sum()
        self.sounds = {
            kind: [np.load(path)["pcm"] for root in roots for path in sorted(root.glob(f"{kind}/*.npz"))]
            for kind in ("music", "sfx")
        }

    def talker(self, rng: Random) -> list[tuple[NDArray[np.int16], NDArray[np.bool_]]]:
        return self.talkers[int(rng.choice(len(self.talkers), p=self.share))]

    def sound(self, rng: Random, kind: str, count: int) -> Wave:
        pieces = self.sounds[kind]
        weights = np.array([len(p) for p in pieces], float) ** 0.5
        pcm = pieces[int(rng.choice(len(pieces), p=weights / weights.sum()))]
        at = int(rng.integers(max(1, len(pcm) - count)))
        return scaled(np.resize(pcm[at:], count).astype(float) + 0.5 * rng.standard_normal(count))

    def babble(self, rng: Random, count: int) -> Wave:
        wave = np.zeros(count)
        for _ in range(int(rng.choice((4, 5, 6, 6, 8, 12)))):
            talker, at, one = self.talker(rng), -int(rng.integers(0, 2 * RATE)), np.zeros(count)
            while at < count:
                clip, _ = talker[int(rng.integers(len(talker)))]
                clip = clip[-at:] if at < 0 and len(clip) > -at else clip
                at = max(at, 0)
                stop = min(count, at + len(clip))
                one[at:stop] = clip[: stop - at]
                at = stop + int(rng.exponential(0.15) * RATE)
            wave += scaled(one) * rng.uniform(0.6, 1.2)
        return scaled(wave)

    def noise(self, rng: Random, kind: str, count: int) -> Wave:
        if kind in ("music", "sfx"):
            return self.sound(rng, kind, count)
        return self.babble(rng, count) if kind == "babble" else STEADY[kind](rng, count)


def echoed(rng: Random, wave: Wave) -> Wave:
    """In a small room."""
    length = int(rng.uniform(0.05, 0.35) * RATE)
    tail = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 5)) * rng.uniform(0.02, 0.2)
    tail[0] = 1
    return signal.fftconvolve(wave, tail)[: len(wave)]


def drawn_out(voice: Wave, factor: float) -> Wave:
    """So many times as long at the same pitch, of overlapping pieces of 40 ms that fit each other."""
    hop, reach = 160, 80
    count = int(len(voice) * factor)
    padded = np.concatenate([np.zeros(reach), voice, np.zeros(6 * hop)])
    out, window, at = np.zeros(count + 2 * hop), np.hanning(2 * hop), reach
    for start in range(0, count, hop):
        near = int(start / factor)  # in `padded`, `reach` ahead of where the piece is due
        match = np.correlate(padded[near : near + 2 * (reach + hop)], padded[at + hop : at + 3 * hop], "valid")
        at = near + int(np.argmax(match)) if start else reach
        out[start : start + 2 * hop] += window * padded[at : at + 2 * hop]
    return out[:count]


def spoken(rng: Random, stock: Stock, mix: Mix) -> tuple[Wave, Truth]:
    """One or two talkers' turns; active speech has RMS 1."""
    wave, truth = np.zeros(COUNT), np.zeros(COUNT // BLOCK, np.uint8)
    talkers = [stock.talker(rng) for _ in range(int(rng.integers(1, 3)))]
    speeds = [int(rng.choice(SPEEDS)) for _ in talkers]
    pause = rng.choice((0.15, 0.4, 1.0, 3.0))
    at = 0 if rng.random() < 0.35 else int(rng.exponential(1.5) * 100)
    stop_all = COUNT // BLOCK if rng.random() < 1 - mix.ends else int(rng.integers(200, COUNT // BLOCK))
    while at < stop_all - 10:
        which = int(rng.integers(len(talkers)))
        talker, speed = talkers[which], speeds[which]
        clip, flags = talker[int(rng.integers(len(talker)))]
        if len(clip) > 6 * RATE:
            start = int(rng.integers(len(flags) - 500))
            clip, flags = clip[start * BLOCK : (start + 500) * BLOCK], flags[start : start + 500]
        voice = signal.resample_poly(clip.astype(float), speed, 20) if speed != 20 else clip.astype(float)
        factor = rng.uniform(1.2, mix.longest) if mix.longest > 1 else 1
        voice = voice if factor == 1 else drawn_out(voice, factor)
        blocks = min(len(voice) // BLOCK, len(truth) - at)
        flags = flags[np.minimum((np.arange(blocks) * 20 / (speed * factor)).astype(int), len(flags) - 1)]
        voice = voice[: blocks * BLOCK]
        if flags.any():
            loud = voice.reshape(-1, BLOCK)[flags]
            voice = voice / np.sqrt(np.mean(loud**2) + 1e-9) * 10 ** (rng.normal(0, 3) / 20)
            if rng.random() < 0.1:
                voice = voice * np.linspace(rng.uniform(0.05, 0.5), 1, len(voice))
            wave[at * BLOCK : at * BLOCK + len(voice)] += voice
            truth[at : at + blocks] |= flags
        at += blocks + int(rng.exponential(pause) * 100)
    if rng.random() < 0.3:
        wave = echoed(rng, wave)
    wave = spectral_channel(rng, wave)
    level = np.sqrt(np.mean(wave.reshape(-1, BLOCK)[truth == 1] ** 2)) if truth.any() else 1.0
    return wave / (level + 1e-9), truth


def gated(rng: Random, noise: Wave) -> Wave:
    """A noise that begins, ends or steps within the call."""
    marks = np.sort(rng.integers(0, len(noise), int(rng.integers(1, 4))))
    gains = 10 ** (rng.choice((-60, -20, -10, 0, 0, 6), len(marks) + 1) / 20)
    gains[int(rng.integers(len(gains)))] = 1
    return noise * np.repeat(gains, np.diff((0, *marks, len(noise))))


def scene(rng: Random, stock: Stock, mix: Mix) -> tuple[NDArray[np.int16], Truth]:
    silent = rng.random() < 0.17
    wave, truth = (np.zeros(COUNT), np.zeros(COUNT // BLOCK, np.uint8)) if silent else spoken(rng, stock, mix)
    kinds = rng.choice(
        NOISES, 2 if rng.random() < 0.25 else 1, p=np.array(mix.weights) / sum(mix.weights), replace=False
    )
    wide = rng.choice((rng.uniform(-4, 8), rng.uniform(3, 22), rng.uniform(15, 40)))
    snr_db = rng.uniform(-5, 20) if mix.evenly else wide
    for kind in kinds:
        if kind == "none":
            continue
        noise = stock.noise(rng, kind, COUNT)
        if rng.random() < 0.5:
            noise = scaled(spectral_channel(rng, noise))
        if rng.random() < 0.2:
            noise = gated(rng, noise)
        wave = wave + noise * 10 ** (-(snr_db + rng.uniform(0, 6)) / 20)
    level_db = rng.uniform(-46, -8) if not silent else rng.uniform(-60, -12) + snr_db
    wave = wave * 10 ** (level_db / 20) * 32768
    if rng.random() < 0.15:
        wave = wave * np.repeat(10 ** (rng.choice((-12, -6, 0, 6, 10), 4) / 20), COUNT // 4)
    if rng.random() < 0.6:
        wave = wave + 32768 * 10 ** (rng.uniform(-84, -58) / 20) * coloured(rng, COUNT, rng.uniform(-4, 1))
    if rng.random() < 0.1:
        wave = wave + rng.uniform(-400, 400)
    if rng.random() < 0.07:
        wave = wave * np.repeat(rng.random(COUNT // 160) > rng.uniform(0.01, 0.08), 160)
    if rng.random() < 0.08:
        mute = int(rng.integers(0, COUNT - RATE))
        stop = mute + int(rng.uniform(0.5, 5) * RATE)
        wave[mute:stop] = 0
        truth[mute // BLOCK : stop // BLOCK] = 0
    return np.clip(np.round(wave), -32768, 32767).astype(np.int16), truth


def piped(pcm: NDArray[np.int16], words: list[str]) -> NDArray[np.int16]:
    for word in words:
        pcm_bytes = subprocess.run(word.split(), input=pcm.tobytes(), capture_output=True, check=True).stdout
        pcm = (
            np.frombuffer(pcm_bytes[: len(pcm_bytes) // 2 * 2], np.int16)
            if word is words[-1]
            else np.frombuffer(pcm_bytes, np.uint8)
        )
    return pcm


def through(rng: Random, codec: str, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Scenes one after another through a codec and back, its delay taken off."""
    kbps = rng.choice((6, 8, 12, 16))
    raw, sox = "-f s16le -ar 8000 -ac 1", "-t raw -e signed -b 16 -r 8000 -c 1"
    there = {
        "alaw": f"ffmpeg -v error {raw} -i - -c:a pcm_alaw -f wav -",
        "mulaw": f"ffmpeg -v error {raw} -i - -c:a pcm_mulaw -f wav -",
        "gsm": f"sox {sox} - -t gsm -",
        "amr": f"sox {sox} - -C {rng.integers(0, 8)} -t amr-nb -",
        "g726": f"ffmpeg -v error {raw} -i - -c:a g726 -code_size {rng.integers(3, 5)} -f wav -",
        "opus": f"ffmpeg -v error {raw} -i - -c:a libopus -application voip -b:a {kbps}k -f ogg -",
        "speex": f"ffmpeg -v error {raw} -i - -c:a libspeex -b:a {min(kbps, 11)}k -f ogg -",
        "codec2": "c2enc 3200 - -",
    }
    back = {"gsm": f"sox -t gsm - {sox} -", "amr": f"sox -t amr-nb - {sox} -", "codec2": "c2dec 3200 - -"}
    if codec == "none":
        return pcm
    out = piped(pcm, [there[codec], back.get(codec, f"ffmpeg -v error -i - {raw} -")])
    size = 1 << 18
    a, b = pcm[: size // 2].astype(float), out[: size // 2].astype(float)
    match = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)))[:800]
    late = int(np.argmax(match)) if codec in ("opus", "speex", "amr") else 0
    return np.resize(np.concatenate([out[late:], np.zeros(len(pcm), np.int16)]), len(pcm))


def main() -> None:
    cache, split, count, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    mix = MIXES[sys.argv[5] if len(sys.argv) > 5 else "plain"]
    rng = np.random.default_rng(seed)
    stock = Stock(cache, split)
    made = [scene(rng, stock, mix) for _ in range(count)]
    pcm, truth = np.stack([p for p, _ in made]), np.stack([t for _, t in made])
    codec_of = rng.choice(CODECS, count // 10 + 1, p=CODEC_WEIGHTS / CODEC_WEIGHTS.sum())
    for group, codec in enumerate(codec_of):
        some = slice(10 * group, 10 * group + 10)
        if len(pcm[some]):
            pcm[some] = through(rng, str(codec), pcm[some].ravel()).reshape(-1, COUNT)
    (cache / "scenes").mkdir(exist_ok=True)
    np.savez(cache / "scenes" / f"{split}-{seed}.npz", pcm=pcm, truth=truth)
    print(f"{split}-{seed}: {count} scenes, {np.mean(truth == 1):.2f} speech, codecs {set(codec_of)}")


if __name__ == "__main__":
    main()
