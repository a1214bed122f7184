"""DTMF detectors to measure, each as a function from 8000 Hz int16 to the digits it tells."""

import contextlib
import ctypes
import ctypes.util
import importlib.metadata
import shutil
import subprocess
import weakref
from collections.abc import Callable

from bench import talk
from bench.dtmf_signals import Pcm
from recorder.dsp import DigitDetector

Detector = Callable[[Pcm], str]


def ours(pcm: Pcm) -> str:
    detector = DigitDetector(8000)
    events = detector.process(pcm) + detector.flush()
    return "".join(event.digit for event in events if event.kind == "on")


def spandsp() -> Detector | None:
    begin = spandsp_stream()
    if begin is None:
        return None

    def detect(pcm: Pcm) -> str:
        return begin()(pcm)

    return detect


def spandsp_stream() -> Callable[[], Detector] | None:
    """Debian's libspandsp2, if it is there: detectors that go on where they stopped."""
    name = ctypes.util.find_library("spandsp")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    library.dtmf_rx_init.restype = ctypes.c_void_p

    def begin() -> Detector:
        told, state = ctypes.create_string_buffer(129), ctypes.c_void_p(library.dtmf_rx_init(None, None, None))

        def detect(pcm: Pcm) -> str:
            digits = ""
            for at in range(0, len(pcm), 160):
                piece = pcm[at : at + 160].tobytes()
                library.dtmf_rx(state, piece, len(piece) // 2)
                count = library.dtmf_rx_get(state, told, 128)
                digits += told.raw[:count].decode()
            return digits

        weakref.finalize(detect, library.dtmf_rx_free, state)
        return detect

    return begin


def our_stream() -> Detector:
    detector = DigitDetector(8000)
    return lambda pcm: "".join(event.digit for event in detector.process(pcm) if event.kind == "on")


def multimon() -> Detector | None:
    """Debian's multimon-ng, which hears raw audio at 22050 Hz, if it and sox are there."""
    if shutil.which("multimon-ng") is None or shutil.which("sox") is None:
        return None

    def detect(pcm: Pcm) -> str:
        raw = "-t raw -e signed -b 16 -c 1"
        convert = f"sox {raw} -r 8000 - {raw} -r 22050 -"
        faster = subprocess.run(convert.split(), input=pcm.tobytes(), capture_output=True, check=True).stdout
        told = subprocess.run(
            ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "-"], input=faster, capture_output=True, check=True
        )
        return "".join(line.split()[1] for line in told.stdout.decode().splitlines() if line.startswith("DTMF:"))

    return detect


DETECTORS: dict[str, Callable[[], Detector | None]] = {
    "ours": lambda: ours,
    "spandsp": spandsp,
    "multimon-ng": multimon,
}


def installed() -> dict[str, Detector]:
    return {name: detector for name, make in DETECTORS.items() if (detector := make()) is not None}


def streams() -> dict[str, Callable[[], Detector]]:
    """Those that can be asked while they hear."""
    theirs = spandsp_stream()
    return {"ours": our_stream} | ({} if theirs is None else {"spandsp": theirs})


def versions() -> dict[str, str]:
    """Of what is compared with, as far as it is there."""
    found = {}
    for package in ("libspandsp2", "multimon-ng", *talk.PACKAGES):
        told = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, check=False)
        found |= {package: told.stdout.decode()} if told.returncode == 0 and told.stdout else {}
    for package in ("webrtcvad-wheels", "silero-vad", "onnxruntime", "numpy"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found
