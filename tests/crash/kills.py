"""Random `kill -9` of serve while it records speech in every format at once, and what came of it."""

import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.box import Box
from tests.crash.decoding import CODEC_FRAMES, FORMATS, Sounds, decoded
from tests.crash.speech import RATE, speech
from tests.waiting import until
from tests.wav import write_wav

AUDIO = {"direction": "speak", "initial_timeout": 0, "end_silence_timeout": 0, "terminators": ""}
LIVES_S = (0.02, 0.8)  # from its start, or from when it is at work, to its kill
AT_WORK = 0.8  # of the kills
QUIET, OFF_DB = 10 ** (-50 / 20), -10  # a codec frame is damaged: louder than that, and off by more of its own level
SEAM_FRAMES = 12  # damaged frames closer than that belong to one seam


@dataclass
class Outcome:
    """One recording after the kills."""

    suffix: str
    end: dict[str, Any]
    events: list[dict[str, Any]]
    sounds: Sounds
    true: Sounds  # an uninterrupted encode of the same frames
    seams: list[int] = field(default_factory=list)  # damaged codec frames, for each seam that has any

    @property
    def worst(self) -> int:
        return max(self.seams, default=0)


def killed_again_and_again(folder: Path, kills: int, seed: int) -> list[Outcome]:
    """Record, kill and start again `kills` times, end the call, and look."""
    pcm = speech(kills * 4 + 40, seed)
    line = write_wav(folder / "line.wav", pcm)
    chance = random.Random(seed)
    with Box(folder, {"front": {"device": f"file:{line}"}}) as box:
        box.start("serve")
        box.start("capture")
        box.until_ok({"line": "front", "command": "call", "params": {"call_id": "call-1", "state": "begin"}})
        started = {}
        for suffix in FORMATS:
            params = {"control_id": suffix, "audio": AUDIO | {"format": suffix}}
            started[suffix] = box.until_ok({"line": "front", "command": "calling.record", "params": params})
        for _ in range(kills):
            if chance.random() < AT_WORK:  # else at any moment of its start
                until(lambda: answers(box), 20, "serve to be at work")
            try:
                box.process("serve").wait(chance.uniform(*LIVES_S))
            except subprocess.TimeoutExpired:
                box.kill("serve")
            else:
                raise AssertionError(f"serve ended by itself:\n{box.log('serve')}")
            box.start("serve")
        box.until_ok({"line": "front", "command": "call", "params": {"call_id": "call-1", "state": "end"}}, 30)
        return [looked_at(folder, box, suffix, data["recording_id"], pcm) for suffix, data in started.items()]


def answers(box: Box) -> bool:
    """Whether serve takes commands: it has gone on with its recordings."""
    try:
        box.answer_bytes({})
    except OSError:
        return False
    return True


def looked_at(folder: Path, box: Box, suffix: str, recording_id: str, pcm: bytes) -> Outcome:
    end = box.end_of(recording_id)
    sounds = decoded(box.file_of(recording_id, suffix).read_bytes(), suffix)
    frames = round(end["duration"] * RATE)
    heard = samples_of(sounds, suffix)
    first = place_of(heard, np.frombuffer(pcm, "<i2") / 32768)
    said = write_wav(folder / f"said-{suffix}.wav", pcm[first * 2 : (first + frames) * 2])
    true = decoded(encoded(said, suffix), suffix)
    seams = damaged(heard, samples_of(true, suffix), CODEC_FRAMES[suffix])
    return Outcome(suffix, end, box.of(recording_id), sounds, true, seams)


def encoded(said: Path, suffix: str) -> bytes:
    """What nobody interrupted."""
    out = said.with_name(f"true.{suffix}")
    command = [sys.executable, "-m", "recorder", "record", f"file:{said}", "-o", str(out), "--pace", "max"]
    subprocess.run([*command, "--format", suffix], check=True, capture_output=True)
    return out.read_bytes()


def samples_of(sounds: Sounds, suffix: str) -> "np.ndarray[Any, Any]":
    if suffix == "wav":
        return np.frombuffer(sounds.pcm, "<i2") / 32768
    return np.frombuffer(sounds.pcm, "<f4").astype(float)


def place_of(heard: "np.ndarray[Any, Any]", source: "np.ndarray[Any, Any]") -> int:
    """At which frame of the source a recording begins: where the two are most alike."""
    piece = heard[: 3 * RATE]
    size = 1 << (len(source) + len(piece)).bit_length()
    alike = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(piece, size)), size)
    return int(np.argmax(alike[: len(source) - len(piece)]))


def damaged(heard: "np.ndarray[Any, Any]", true: "np.ndarray[Any, Any]", codec_frame: int) -> list[int]:
    """The damaged codec frames of each seam."""
    count = min(len(heard), len(true)) // codec_frame
    right = true[: count * codec_frame].reshape(count, codec_frame)
    wrong = heard[: count * codec_frame].reshape(count, codec_frame) - right
    level, off = (np.sqrt(np.mean(each**2, axis=1)) for each in (right, wrong))
    bad = np.flatnonzero((level > QUIET) & (off > level * 10 ** (OFF_DB / 20)))
    seams: list[int] = []
    last = -SEAM_FRAMES - 1
    for frame in bad:
        if frame - last > SEAM_FRAMES:
            seams.append(0)
        seams[-1] += 1
        last = frame
    return seams


def summary(outcome: Outcome, kills: int) -> str:
    """One line of figures."""
    spread = ", ".join(f"{n} x {size}" for size, n in sorted(Counter(outcome.seams).items())) or "none"
    off = outcome.sounds.seconds - outcome.end["duration"]
    return (
        f"{outcome.suffix}: {outcome.end['duration']:.3f} s told, {off * RATE:+.0f} frames when decoded,"
        f" {kills} kills; seams with damaged codec frames (seams x frames): {spread}"
    )
