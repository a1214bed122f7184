"""Voice detectors to measure: each turns 8000 Hz int16 into a probability for each 10 ms block.

Peers are there when their packages are: webrtcvad-wheels, or silero-vad (its ONNX file alone is used) with onnxruntime.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np

from bench.dtmf_signals import Pcm
from bench.voice_rows import Gate, Hear, Probabilities, gated, ours, thresholded
from bench.voice_signals import BLOCK

CHUNK, CONTEXT = 256, 32  # of silero at 8000 Hz


def module(name: str) -> ModuleType | None:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def webrtc(modes: tuple[int, ...]) -> Hear | None:
    """The share of the modes that say speech."""
    webrtcvad = module("webrtcvad")
    if webrtcvad is None:
        return None

    def hear(pcm: Pcm) -> Probabilities:
        votes = np.zeros(len(pcm) // BLOCK, np.float32)
        for mode in modes:
            detector = webrtcvad.Vad(mode)
            blocks = pcm[: len(votes) * BLOCK].reshape(-1, BLOCK)
            votes += [detector.is_speech(block.tobytes(), 8000) for block in blocks]
        return votes / np.float32(len(modes))

    return hear


def silero() -> Hear | None:
    """A block has the value of the newest chunk of 32 ms that is complete with it, as in a live line."""
    runtime, package = module("onnxruntime"), importlib.util.find_spec("silero_vad")
    if runtime is None or package is None or package.origin is None:
        return None
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(str(Path(package.origin).parent / "data/silero_vad.onnx"), options)

    def hear(pcm: Pcm) -> Probabilities:
        audio = np.concatenate([np.zeros(CONTEXT, np.float32), pcm.astype(np.float32) / 32768])
        state, values = np.zeros((2, 1, 128), np.float32), [0.0]
        for at in range(0, len(pcm) - CHUNK + 1, CHUNK):
            piece = audio[None, at : at + CONTEXT + CHUNK]
            probability, state = session.run(None, {"input": piece, "state": state, "sr": np.array(8000, np.int64)})
            values.append(float(probability[0, 0]))
        complete = (np.arange(len(pcm) // BLOCK) + 1) * BLOCK // CHUNK
        return np.array(values, np.float32)[np.minimum(complete, len(values) - 1)]

    return hear


def installed() -> dict[str, tuple[Hear, Gate]]:
    """Each with the gate that turns its values into speech: ours at the default sensitivity, the others at a half."""
    peers = {
        "WebRTC mode 3": webrtc((3,)),
        "WebRTC mode 2": webrtc((2,)),
        "WebRTC, modes voted": webrtc((0, 1, 2, 3)),
        "silero": silero(),
    }
    found: dict[str, tuple[Hear, Gate]] = {"ours": (ours, gated())}
    return found | {name: (hear, thresholded) for name, hear in peers.items() if hear is not None}
