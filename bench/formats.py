"""CPU seconds for an hour of audio in each format, ours beside the field's: `python -m bench.formats [--instructions]`.

Speech, 8 kHz, stereo, detection off unless the row says otherwise. Each program runs on a long and a short file, in
turn with the others, round by round; the difference of its CPU times has no start-up in it. Medians of all rounds.
With --instructions they are counted by callgrind, outside the kernel, which no other work disturbs: one round will do.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

from bench.encoders import CHANNELS, ENCODERS, RATE, Encoder, missing
from tests.speech import speech

SHORT_S = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="of the long file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--row", action="append", help="only this one; mp3, mp4, wav or 'wav, detection'")
    parser.add_argument("--instructions", action="store_true", help="count them, in millions, instead of seconds")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    measured = [encoder for encoder in ENCODERS if not words.row or encoder.row in words.row]
    for encoder in list(measured):
        if why := missing(encoder):
            print(f"left out: {encoder.row}, {encoder.name}: {why}")
            measured.remove(encoder)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: else each start compiles, and differs by it
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder, "bytecode"))
        cost = instructions if words.instructions else cpu_s
        costs = rounds(Path(folder), measured, words.seconds, words.rounds, cost)
    held = show(measured, costs, "millions of instructions" if words.instructions else "CPU s")
    if words.json:
        rows = [{"row": one.row, "name": one.name, "cpu_s_per_hour": costs[one]} for one in measured]
        words.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0 if held else 1


def rounds(
    folder: Path, encoders: list[Encoder], seconds: float, count: int, cost: Callable[[list[str]], float]
) -> dict[Encoder, list[float]]:
    """What an hour of audio costs, by encoder and round; `cost` says what a command line does."""
    long, short = written(folder, "long", seconds), written(folder, "short", SHORT_S)
    costs: dict[Encoder, list[float]] = {encoder: [] for encoder in encoders}
    for encoder in encoders:
        spent_on(encoder, short, folder, cpu_s)  # writes the bytecode
    for _ in range(count):
        for encoder in encoders:
            spent = spent_on(encoder, long, folder, cost) - spent_on(encoder, short, folder, cost)
            costs[encoder].append(spent / (seconds - SHORT_S) * 3600)
    return costs


def written(folder: Path, name: str, seconds: float) -> Path:
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((CHANNELS, 2, RATE, 0, "NONE", ""))
        file.writeframes(speech(RATE, seconds, CHANNELS).tobytes())
    return path


def spent_on(encoder: Encoder, given: Path, folder: Path, cost: Callable[[list[str]], float]) -> float:
    out = folder / "out"
    spent = cost(encoder.words(str(given), str(out)))
    out.unlink()
    return spent


def cpu_s(command: list[str]) -> float:
    """User and system time of one run, its children's included."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {said.decode()}")
    return usage.ru_utime + usage.ru_stime


def instructions(command: list[str]) -> float:
    """Millions of them in one run, the kernel's left out."""
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    run = subprocess.run([*tool, *command], capture_output=True, text=True, check=False)
    counted = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or counted is None:
        raise SystemExit(f"{' '.join(command)}: {run.stderr}")
    return int(counted[1]) / 1e6


def show(encoders: list[Encoder], costs: dict[Encoder, list[float]], unit: str) -> bool:
    """Print the table; whether every bar holds."""
    held = True
    print(f"\n{f'{unit} for an hour of audio':44}{'median':>11}{'least':>11}{'most':>11}   beside")
    for encoder in encoders:
        mine = costs[encoder]
        row = f"{f'{encoder.row}: {encoder.name}':44}{statistics.median(mine):11.2f}{min(mine):11.2f}{max(mine):11.2f}"
        peer = next((one for one in encoders if (one.row, one.name) == (encoder.row, encoder.against)), None)
        if peer is not None:
            ratio = statistics.median(ours / theirs for ours, theirs in zip(mine, costs[peer], strict=True))
            row += f"   {ratio:.3f} of {peer.name}"
            if encoder.bar:
                held = held and ratio <= encoder.bar
                row += f", bar {encoder.bar:.2f}: {'holds' if ratio <= encoder.bar else 'MISSED'}"
        print(row)
    return held


if __name__ == "__main__":
    sys.exit(main())
