"""How near the told clock drift is to a device's own, by the time since its start: simulated, with the C core's filter.

    python -m bench.drift

A device counts its frames some ppm fast or slow, and its blocks are told late by as much as the jitter. The figures are
the worst of all errors in ppm among DEVICES devices at that time.
"""

import ctypes
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cost import FLAGS

CORE = Path(__file__).parents[1] / "ext/src/dll.c"
DEVICES = 20
WRONG_PPM = 200.0  # at most, either way: the clocks of sound cards are mostly within 100
AFTER_S = (5, 10, 20, 40, 80, 160)
BARS_PPM = {5: 5.0, 20: 2.0}  # at a jitter of BAR_JITTER_MS
BAR_JITTER_MS = 0.1
BLOCKS = ((8000, 20), (48000, 10))  # a device's rate and ms
SETTINGS = tuple((rate, block_ms, jitter_ms) for rate, block_ms in BLOCKS for jitter_ms in (0.1, 0.3, 1.0))
LARGE_ENOUGH = 256  # bytes, for a rec_dll


def main() -> int:
    """Print the table; 1 if a bar is not met."""
    core = built()
    print(f"| rate, block, jitter | {' | '.join(f'{after} s' for after in AFTER_S)} |\n|---|{'---|' * len(AFTER_S)}")
    is_good = True
    for rate, block_ms, jitter_ms in SETTINGS:
        worst = dict.fromkeys(AFTER_S, 0.0)
        for seed in range(DEVICES):
            chance = random.Random(seed)
            for after, off in errors_ppm(core, rate, block_ms, jitter_ms, chance).items():
                worst[after] = max(worst[after], abs(off))
        figures = " | ".join(f"{off:.1f}" for off in worst.values())
        print(f"| {rate} Hz, {block_ms} ms, {jitter_ms:g} ms | {figures} |", flush=True)
        is_good &= jitter_ms != BAR_JITTER_MS or all(worst[after] <= bar for after, bar in BARS_PPM.items())
    return int(not is_good)


def built() -> ctypes.CDLL:
    """The core's filter, with the types of what is called."""
    with TemporaryDirectory() as folder:
        library = f"{folder}/dll.so"
        subprocess.run(["gcc", *FLAGS, "-shared", "-fPIC", str(CORE), "-o", library], check=True)
        core = ctypes.CDLL(library)
    dll, number, count, seconds = ctypes.c_char_p, ctypes.c_int64, ctypes.c_uint64, ctypes.c_double
    for name, takes, gives in (
        ("init", (dll, seconds), None),
        ("start", (dll, number), None),
        ("error_s", (dll, number), seconds),
        ("correct", (dll, seconds), None),
        ("advance", (dll, count), None),
        ("rate_hz", (dll,), seconds),
    ):
        function = getattr(core, f"rec_dll_{name}")
        function.argtypes, function.restype = takes, gives
    return core


def errors_ppm(
    core: ctypes.CDLL, rate: int, block_ms: int, jitter_ms: float, chance: random.Random
) -> dict[int, float]:
    """Told less true, after each time."""
    frames, ppm = rate * block_ms // 1000, chance.uniform(-WRONG_PPM, WRONG_PPM)
    block_s = frames / (rate * (1 + ppm / 1e6))

    def told(block: int) -> int:
        return round((1e4 + block * block_s + chance.uniform(0, jitter_ms) / 1e3) * 1e9)

    dll = ctypes.create_string_buffer(LARGE_ENOUGH)
    core.rec_dll_init(dll, rate)
    core.rec_dll_start(dll, told(0))
    core.rec_dll_advance(dll, frames)
    off, block = {}, 1
    for after in AFTER_S:
        while block * block_s <= after + block_s:
            adc_ns = told(block)
            core.rec_dll_correct(dll, core.rec_dll_error_s(dll, adc_ns))
            core.rec_dll_advance(dll, frames)
            block += 1
        off[after] = (core.rec_dll_rate_hz(dll) / rate - 1) * 1e6 - ppm
    return off


if __name__ == "__main__":
    sys.exit(main())
