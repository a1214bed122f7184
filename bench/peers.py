"""DTMF detectors to measure, each as a function from 8000 Hz int16 to the digits it tells."""

import ctypes
import ctypes.util
import shutil
import subprocess
from collections.abc import Callable

from bench.dtmf_signals import Pcm
from recorder.dsp import DigitDetector

Detector = Callable[[Pcm], str]


def ours(pcm: Pcm) -> str:
    detector = DigitDetector(8000)
    events = detector.process(pcm) + detector.flush()
    return "".join(event.digit for event in events if event.kind == "on")


def spandsp() -> Detector | None:
    """Debian's libspandsp2, if it is there."""
    name = ctypes.util.find_library("spandsp")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    library.dtmf_rx_init.restype = ctypes.c_void_p

    def detect(pcm: Pcm) -> str:
        state = ctypes.c_void_p(library.dtmf_rx_init(None, None, None))
        told = ctypes.create_string_buffer(129)
        digits = ""
        for at in range(0, len(pcm), 160):
            piece = pcm[at : at + 160].tobytes()
            library.dtmf_rx(state, piece, len(piece) // 2)
            count = library.dtmf_rx_get(state, told, 128)
            digits += told.raw[:count].decode()
        library.dtmf_rx_free(state)
        return digits

    return detect


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


def installed() -> dict[str, Detector]:
    found = {"ours": ours, "spandsp": spandsp(), "multimon-ng": multimon()}
    return {name: detector for name, detector in found.items() if detector is not None}
