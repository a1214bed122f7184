"""Where a clean clip speaks, for each 10 ms: its energy, held against a teacher (silero's network) where there is one.

python labels.py CACHE    # adds CACHE/clips/SPLIT/voice/NAME.active.npy, for the clips of NAME.npz one after another
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

BLOCK = 80
GAP = 10  # blocks: a shorter pause is speech, as the ear has it
BLIP = 3  # blocks: what is shorter is none
RANGE_DB = 30.0  # below a clip's loud blocks, what is speech still
CHUNK, CONTEXT = 256, 32  # silero at 8000 Hz
LANES = 64
UNSURE, NEAR = 0.3, 2  # chunks with such a probability, and so many on each side, may be speech

Flags = NDArray[np.bool_]


def without_short(flags: Flags, value: bool, longest: int) -> Flags:
    """Runs of `value` of at most `longest` that lie between others are turned."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8)))
    out = flags.copy()
    for start, stop in zip(edges[:-1] + 1, edges[1:] + 1, strict=True):
        if flags[start] == value and stop - start <= longest:
            out[start:stop] = not value
    return out


def whole(flags: Flags) -> Flags:
    """Without blips, then without gaps."""
    return without_short(without_short(flags, value=True, longest=BLIP), value=False, longest=GAP)


def loud(clip: NDArray[np.int16]) -> Flags:
    """Blocks within reach of the loud ones, and above the clip's own noise."""
    blocks = len(clip) // BLOCK
    energy = np.mean(clip[: blocks * BLOCK].astype(float).reshape(blocks, BLOCK) ** 2, axis=1)
    smooth = np.convolve(energy, (0.25, 0.5, 0.25), "same")
    db = 10 * np.log10(smooth + 1e-3)
    top, bottom = np.percentile(db, 95), np.percentile(db, 5)
    threshold = max(top - RANGE_DB, min(bottom + 6, top - 12))
    return whole(db > threshold)


def taught(session: onnxruntime.InferenceSession, clips: list[NDArray[np.int16]]) -> list[NDArray[np.float32]]:
    """Silero's probability for each chunk, LANES clips at once."""
    out: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(clips)
    order = np.argsort([len(clip) for clip in clips])
    for at in range(0, len(clips), LANES):
        some = order[at : at + LANES]
        chunks = -(-max(len(clips[i]) for i in some) // CHUNK)
        audio = np.zeros((len(some), CONTEXT + chunks * CHUNK), np.float32)
        for row, i in enumerate(some):
            audio[row, CONTEXT : CONTEXT + len(clips[i])] = clips[i] / 32768
        state, heard = np.zeros((2, len(some), 128), np.float32), []
        for k in range(chunks):
            piece = audio[:, k * CHUNK : k * CHUNK + CONTEXT + CHUNK]
            probability, state = session.run(None, {"input": piece, "state": state, "sr": np.array(8000, np.int64)})
            heard.append(probability[:, 0])
        for row, i in enumerate(some):
            out[i] = np.array(heard)[: -(-len(clips[i]) // CHUNK), row]
    return out


def active(clip: NDArray[np.int16], probability: NDArray[np.float32]) -> Flags:
    """All false: no speech in this clip."""
    flags = loud(clip)
    if probability.max(initial=0) < 0.5:
        return np.zeros(len(flags), np.bool_)
    near = np.convolve(probability > UNSURE, np.ones(2 * NEAR + 1), "same") > 0
    at = np.minimum(np.arange(len(flags)) * BLOCK // CHUNK, len(near) - 1)
    return whole(flags & near[: len(probability)][at])


def main() -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(Path(sys.argv[1]) / "silero_vad.onnx"), options)
    for path in sorted(Path(sys.argv[1]).glob("clips/*/voice/*.npz")):
        if path.with_suffix(".active.npy").exists():
            continue
        stored = np.load(path)
        pcm, bounds = stored["pcm"], stored["bounds"]
        clips = [pcm[a:b] for a, b in pairwise(bounds)]
        if path.name.startswith(("espeak", "festival", "flite")):
            flags = [loud(clip) for clip in clips]
        else:
            flags = [active(clip, heard) for clip, heard in zip(clips, taught(session, clips), strict=True)]
        np.save(path.with_suffix(".active.npy"), np.concatenate(flags))
        kept = sum(flag.any() for flag in flags)
        print(
            f"{path.parts[-3]:6}{path.stem:40}{kept:6} of {len(clips)} clips, {np.concatenate(flags).mean():.2f} active"
        )


if __name__ == "__main__":
    main()
