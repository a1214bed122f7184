"""The voice detector once more, in numpy: what ext/src/vad*.c must give to within 1e-4, and where to read how it works.

    probabilities = reference.heard(pcm)  # one for each 10 ms of 8000 Hz int16

Every 30 ms it looks at the newest 32 ms: the powers of 22 bands, how far each stands out of its floor, and four numbers
of the fine structure. They go into 64 gated recurrent cells (GRU). A weighted sum of these gives the probability of
speech, a second one that of speech 150 ms ago, which counts where the first has dwindled behind speech.
Weights and tables are read from the headers that the C core is built with.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SRC = Path(__file__).parent.parent / "src"
HOP, WINDOW, BLOCK = 240, 256, 80
WIDTHS = (2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 9, 10, 11, 12, 14)  # bins of 31.25 Hz from the second on
EDGES = np.cumsum((2, *WIDTHS))
QUIETEST, FAINTEST, FARTHEST, FALL, RISE = -16.0, 2.0**-24, 4.0, 0.4, 0.018
LOUD_KEPT, LATELY_KEPT = 0.98, 0.9985
QUIET_MOST, QUIET_SUM, REST_HOPS = 63, WINDOW * 11 * 11, 34
QUIET_FINE = (-4.5, -6.3, 0.3, 8.0)

Floats = NDArray[np.float64]


def header(name: str) -> dict[str, Floats]:
    """A header's tables and numbers by name, flat."""
    text = re.sub(r"/\*.*?\*/", "", (SRC / name).read_text(), flags=re.DOTALL)
    found = {}
    for key, body in re.findall(r"(\w+)(?:\[\d+\])+ = \{(.*?)\};", text, re.DOTALL):
        found[key] = np.array([float(v.rstrip("f")) for v in re.findall(r"[-\d.][-+.\de]*f?", body)])
    for key, value in re.findall(r"#define (\w+) (\S+?)f\n", text) + re.findall(r"(\w+) = (\d+)", text):
        found[key] = np.array([float(value)])
    return found


def of_sixteens(flat: Floats, columns: int) -> Floats:
    """A matrix out of the order of rec_whole_rows."""
    return flat.reshape(-1, columns // 2, 4, 4, 2).transpose(0, 2, 3, 1, 4).reshape(-1, columns)


TABLES, WEIGHTS = header("vad_tables.h"), header("vad_weights.h")
FINE_FIRST, FINE = (int(TABLES[key][0]) for key in ("REC_VAD_FINE_FIRST", "REC_VAD_FINE"))
RIPPLE = of_sixteens(TABLES["RIPPLE"], FINE)
FEATURES = len(WEIGHTS["INPUT_GAIN"])
CELLS = len(WEIGHTS["OUT_WEIGHT"])
INPUT = of_sixteens(WEIGHTS["INPUT_WEIGHT"], FEATURES)
CELL = of_sixteens(WEIGHTS["CELL_WEIGHT"], CELLS)


def is_quiet(window: NDArray[np.int16]) -> bool:
    whole = window.astype(int)
    return bool(np.abs(whole).max() <= QUIET_MOST and np.sum(whole**2) <= QUIET_SUM)


class Features:
    """What the network hears, hop by hop."""

    def __init__(self) -> None:
        self.floor = np.full(len(WIDTHS), 100.0)

    def above(self, band: Floats) -> Floats:
        before = np.minimum(self.floor, band + FARTHEST)
        step = np.minimum(band - before, RISE)
        step = np.maximum(step, FALL * step)
        self.floor = before + step
        return np.asarray(band - before - step)

    def quiet(self) -> Floats:
        band = np.full(len(WIDTHS), QUIETEST)
        return np.concatenate([band, self.above(band), QUIET_FINE])

    def of(self, window: NDArray[np.int16]) -> Floats:
        power = np.abs(np.fft.rfft(window * np.hanning(WINDOW + 1)[:-1] / 32768)) ** 2
        total = np.add.reduceat(power[: EDGES[-1]], EDGES[:-1])
        band = np.log2(np.maximum(total, 2.0**QUIETEST))
        fine = np.maximum(power[FINE_FIRST : FINE_FIRST + FINE], FAINTEST)
        logs = np.log2(fine)
        ripple = RIPPLE @ np.floor(logs * 1024 + 0.5)
        peak = np.log2(power[4:120].max() + FAINTEST) - np.log2(total.sum() + FAINTEST)
        flat = logs.mean() - np.log2(fine.sum())
        return np.concatenate([band, self.above(band), [peak, flat, ripple.max() / 2**22, ripple.argmax()]])


def tanh(x: Floats) -> Floats:
    x = np.clip(x, -WEIGHTS["TANH_MOST"], WEIGHTS["TANH_MOST"])
    over, under = WEIGHTS["TANH_OVER"], WEIGHTS["TANH_UNDER"]
    s = x * x
    return np.asarray(x * (over[0] + s * (over[1] + s * over[2])) / (1 + s * (under[0] + s * under[1])))


def sigmoid(x: Floats) -> Floats:
    return 0.5 + 0.5 * tanh(0.5 * x)


class Net:
    """The recurrent network; `cell` is its memory."""

    def __init__(self) -> None:
        self.cell = np.zeros(CELLS)

    def hear(self, features: Floats) -> tuple[float, float]:
        """Probabilities of speech now and 150 ms ago."""
        scaled = np.floor(features * WEIGHTS["INPUT_GAIN"] + WEIGHTS["INPUT_SHIFT"] + 0.5)
        heard = INPUT @ np.clip(scaled, -32768, 32767) / 2**23 + WEIGHTS["INPUT_BIAS"]
        kept = CELL @ np.floor(self.cell * 8192 + 0.5) / 2**23
        reset, update = (sigmoid((heard + kept)[at : at + CELLS]) for at in (0, CELLS))
        fresh = tanh(heard[2 * CELLS :] + reset * (kept[2 * CELLS :] + WEIGHTS["CELL_BIAS"]))
        self.cell = fresh + update * (self.cell - fresh)
        now, earlier = (
            sigmoid(WEIGHTS[f"{sum_of}_BIAS"] + WEIGHTS[f"{sum_of}_WEIGHT"] @ self.cell)[0]
            for sum_of in ("OUT", "EARLIER")
        )
        return float(now), float(earlier)


class Hold:
    """What counts of the network's two answers."""

    def __init__(self) -> None:
        self.loud = self.lately = 0.0

    def hear(self, now: float, earlier: float) -> float:
        self.loud = max(now, self.loud * LOUD_KEPT)
        held = min(earlier, 1 - self.loud, self.lately)
        probability = max(now, held) if held >= 0.5 else now
        self.lately = max(probability, self.lately * LATELY_KEPT)
        return probability


def heard(pcm: NDArray[np.int16]) -> Floats:
    """The probabilities of a stream, one for each whole block."""
    features, net, hold, quiet_hops, newest = Features(), Net(), Hold(), 0, 0.0
    stream = np.concatenate([np.zeros(WINDOW - HOP, np.int16), pcm])
    out = []
    for block in range(len(pcm) // BLOCK):
        if block % 3 == 2:
            window = stream[(block - 2) * BLOCK :][:WINDOW]
            quiet_hops = quiet_hops + 1 if is_quiet(window) else 0
            if quiet_hops > REST_HOPS:
                hold, newest = Hold(), 0.0
            else:
                newest = hold.hear(*net.hear(features.quiet() if quiet_hops else features.of(window)))
        out.append(newest)
    return np.array(out)
