"""Write the constant tables of the detectors into ext/src: `python3 ext/tables.py` (needs numpy and scipy).

The tables are part of the source, so that every build, on every CPU, decides by the same numbers.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

SRC = Path(__file__).parent / "src"
RATE_HZ = 8000
LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
STEP = 20  # samples of a DTMF step, 2.5 ms
WINDOW = 11  # steps of the window in which tones are sought, 27.5 ms
HALF = 8  # steps of the two overlapping windows whose phase advance gives the frequency
FINE_FIRST, FINE = 6, 48  # bins of 31.25 Hz in which the voice detector looks for harmonics, 187 .. 1656 Hz
LAGS = 16

Array = NDArray[np.float64]


def rows(values: Array, per_line: int, spell: str) -> str:
    """The values as lines of C initialisers."""
    flat = [format(value, spell) for value in np.ravel(values)]
    if spell != "d":
        flat = [text + ("f" if "." in text or "e" in text else ".0f") for text in flat]
    return "".join("    " + ", ".join(flat[at : at + per_line]) + ",\n" for at in range(0, len(flat), per_line))


def table(kind: str, name: str, values: Array, per_line: int = 8, note: str = "") -> str:
    """One C table of float or int16_t, flattened behind its first dimension."""
    whole = kind.endswith("int16_t")
    spell = "d" if whole else ".9g"
    data = np.round(values).astype(int) if whole else values.astype(np.float32)
    if note:
        note = f"/* {note} */\n"
    if data.ndim == 1:
        return f"{note}static const {kind} {name}[{len(data)}] = {{\n{rows(data, per_line, spell)}}};\n"
    body = "".join("    {\n" + rows(row, per_line, spell) + "    },\n" for row in data)
    return f"{note}static const {kind} {name}[{len(data)}][{data[0].size}] = {{\n{body}}};\n"


def sixteens(name: str, values: Array, note: str) -> str:
    """A matrix of int16_t for rec_whole_rows: by sixteen rows, by pairs of columns, by four rows, two of each."""
    rows, columns = values.shape
    flat = values.reshape(rows // 16, 4, 4, columns // 2, 2).transpose(0, 3, 1, 2, 4).reshape(rows // 16, -1)
    return table("_Alignas(16) int16_t", name, flat, 16, note)


def lanes(name: str, values: Array, note: str = "") -> str:
    """One C table of vectors of four floats, two in each row."""
    pairs = values.astype(np.float32).reshape(len(values), 2, 4)
    fours = [["{" + rows(four, 4, ".9g").strip().rstrip(",") + "}" for four in row] for row in pairs]
    body = "".join(f"    {{{low},\n     {high}}},\n" for low, high in fours)
    head = f"/* {note} */\n" if note else ""
    return f"{head}static const rec_lanes {name}[{len(values)}][2] = {{\n{body}}};\n"


def phasors(name: str, values: NDArray[np.complex128], note: str) -> str:
    """Two tables, of real and of imaginary parts."""
    return table("float", name + "_RE", values.real, note=note) + "\n" + table("float", name + "_IM", values.imag)


def write(name: str, text: str, writer: str = "ext/tables.py") -> None:
    """A header of tables, guarded and marked as generated."""
    guard = "REC_" + name.upper().replace(".", "_")
    head = f"/* Written by {writer}; change that, not this. */\n#ifndef {guard}\n#define {guard}\n"
    includes = {"rec_lanes": '#include "lanes.h"\n\n', "int16_t": "#include <stdint.h>\n\n"}
    include = next((line for word, line in includes.items() if word in text), "")
    (SRC / name).write_text(f"{head}\n{include}{text}\n#endif\n")


def decimation_taps(rate: int, den: int, taps: int) -> Array:
    """Q14 low-pass taps, one row per phase, newest sample last: 3400 Hz passes, what folds below 3400 is 50 dB down."""
    prototype = signal.firwin(taps * den, 4000, fs=rate * den, window=("kaiser", 4.6))
    phases = prototype.reshape(taps, den).T[:, ::-1]
    return np.round(phases / phases.sum(axis=1, keepdims=True) * (1 << 14))


def decimate() -> str:
    """The taps of the three rates that are brought down to 8000 Hz."""
    return "\n".join(
        (
            table("int16_t", "TAPS_16000", decimation_taps(16000, 1, 40)[0], 20),
            table("int16_t", "TAPS_48000", decimation_taps(48000, 1, 120)[0], 20),
            table("int16_t", "TAPS_44100", decimation_taps(44100, 80, 112), 28),
        )
    )


def taper(steps: int) -> Array:
    """A Hann window of so many steps, its zeros left out."""
    return np.hanning(steps + 2)[1:-1]


def in_fours(by_step: NDArray[np.generic]) -> NDArray[np.generic]:
    """The window's steps, filled up with nought."""
    return np.pad(by_step, [(0, 0)] * (by_step.ndim - 1) + [(0, -WINDOW % 4)])


def overlap(omega: Array) -> Array:
    """The sum of cos(omega n) over one step, n counted from its middle."""
    return np.asarray(np.sin(omega * STEP / 2) / np.sin(omega / 2))


def after(sos: Array, state: Array, samples: Array) -> tuple[Array, Array]:
    """What a cascade in that state gives for the samples, and its state then."""
    out, last = signal.sosfilt(sos, samples, zi=state.reshape(-1, 2))
    return out, last.ravel()


def high_pass(omega: Array) -> str:
    """The filter against dial tone, four samples at once, without its gain; and what it does to the tones."""
    sos = signal.ellip(4, 0.3, 30, 650, "high", fs=RATE_HZ, output="sos")
    sos[:, :3] /= sos[:, :1]
    gain = np.abs(signal.sosfreqz(sos, omega)[1])
    delay = signal.group_delay(signal.sos2tf(sos), omega)[1]
    none = np.zeros(4)
    by_sample = [after(sos, none, sample) for sample in np.eye(4)]
    by_state = [after(sos, state, none) for state in np.eye(4)]
    vectors = [[out, state] for out, state in (*by_sample, *by_state)]
    note = "High-pass, 350..440 Hz 30 dB down, flat to 0.3 dB from 680 Hz. Four outputs and the next state are sums\n"
    note += " * of these pairs, each times: a sample (first four), a part of the state (last four)."
    return "\n".join(
        (
            lanes("HIGH_PASS", np.array(vectors).reshape(8, 8), note),
            table("float", "RESTORE", gain**-2, note="What undoes it for each tone's power."),
            table("float", "DELAY", delay, note="Its delay of each tone, in samples."),
        )
    )


def dtmf() -> str:
    """Correlators, turns from step to step, tapers, and the overlaps of two tones within one step."""
    omega = 2 * np.pi * np.array(LOW_HZ + HIGH_HZ) / RATE_HZ
    low, high = omega[:4, None], omega[None, 4:]
    n = np.arange(STEP) - (STEP - 1) / 2
    carrier = np.exp(-1j * np.outer(n[: STEP // 2], omega))
    steps = np.arange(WINDOW) - (WINDOW - 1) / 2
    turn = np.exp(-1j * STEP * np.outer(steps, omega))
    window, half = taper(WINDOW), taper(HALF)
    apart = WINDOW - HALF
    older, newer = np.pad(half, (0, apart)), np.pad(half, (apart, 0))
    return "\n".join(
        (
            table("float", "OMEGA", omega, note="The tones, 697 .. 1633 Hz, in radians a sample."),
            lanes("CARRIER_RE", carrier.real, "Correlators over the first half of a step, phases from its middle."),
            lanes("CARRIER_IM", carrier.imag),
            phasors("TURN", in_fours(turn.T), "For each tone, from each step of the window to its middle; in fours."),
            lanes("TAPERED_RE", turn.real * window[:, None], "The same step by step, tapered."),
            lanes("TAPERED_IM", turn.imag * window[:, None]),
            phasors("STEP", np.exp(1j * STEP * omega), "From one step to the next."),
            table("float", "TAPER", in_fours(window), 4),
            table("float", "TAPER_SQUARED", window**2, WINDOW),
            table("float", "TAPER_OLDER", in_fours(older), 4, "Of the window's two parts."),
            table("float", "TAPER_NEWER", in_fours(newer), 4),
            f"#define TAPER_SUM {window.sum():.6f}f\n#define TAPER_SQUARED_SUM {np.sum(window**2):.6f}f\n",
            high_pass(omega),
            table("float", "OWN", overlap(2 * omega), note="Sums over a step: of cos(2 omega n),"),
            table("float", "BEAT", overlap(high - low), note="of cos((high - low) n),"),
            table("float", "SUM", overlap(high + low), note="of cos((high + low) n)."),
        )
    )


def ripples() -> Array:
    """Q12 kernels of what a spectrum's logarithm shows of each lag, over the fine bins; each sums to 0."""
    k = np.arange(FINE_FIRST, FINE_FIRST + FINE)
    lags = np.linspace(20, 100, LAGS)  # samples: 400 .. 80 Hz
    kernels = np.hanning(FINE + 2)[1:-1] * np.cos(2 * np.pi * np.outer(lags, k) / 256)
    kernels -= kernels.mean(axis=1, keepdims=True)
    return np.round(kernels / np.sqrt(np.sum(kernels**2, axis=1, keepdims=True)) * (1 << 12))


def both(turns: Array) -> Array:
    """Real and imaginary part of exp(-2 pi i turns)."""
    roots = np.exp(-2j * np.pi * turns)
    return np.stack([roots.real, roots.imag], axis=1)


def turns_of_pass(name: str, p: Array) -> str:
    """The first, second and third turn of each p: re and im, in four lanes."""
    turns = [np.repeat(both(p * k / 32).T, 4, axis=1) for k in (1, 2, 3)]
    return table("float", name, np.concatenate(turns))


def lanes_of_turns() -> Array:
    """For each bin k: re and im of four lanes' turns by k, then by k + 32."""
    lane, k = np.arange(4), np.arange(17)[:, None]
    parts = [
        part.T
        for turns in (lane * k, lane * (k + 32))
        for part in both(turns.ravel() / 256).T.reshape(2, 17, 4).transpose(0, 2, 1)
    ]
    return np.concatenate(parts, axis=1)


def vad() -> str:
    """The analysis window, the turns of the transform in spectrum.c, the ripples."""
    hann = signal.get_window("hann", 256) / 65536
    sizes = f"enum {{ REC_VAD_FINE_FIRST = {FINE_FIRST}, REC_VAD_FINE = {FINE}, REC_VAD_LAGS = {LAGS} }};\n"
    return "\n".join(
        (
            sizes,
            table(
                "float", "WINDOW", hann, note="Hann; full scale becomes 1/2, since the two parts come apart doubled."
            ),
            "/* Turns of each lane in a pass, re and im: of the second, third and fourth sums. */",
            turns_of_pass("FIRST_TURN", np.arange(8)),
            turns_of_pass("SECOND_TURN", np.arange(8) % 2 * 4),
            table("float", "ROOT64", both(np.arange(17) / 64), note="Turn of the upper four sequences at bin k."),
            table(
                "float", "ROOT256", lanes_of_turns(), note="Turns of each lane at bin k: of even, and of odd outputs."
            ),
            sixteens("RIPPLE", ripples(), "Q12: what a spectrum's logarithm shows of each lag."),
        )
    )


if __name__ == "__main__":
    write("decimate_taps.h", decimate())
    write("dtmf_tables.h", dtmf())
    write("vad_tables.h", vad())
