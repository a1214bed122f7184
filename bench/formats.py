"""CPU seconds for an hour of audio in each format, ours beside the field's: `python -m bench.formats`.

Speech, 8 kHz, stereo, detection off unless the row says otherwise. Each program runs on a long and a short file, in
turn with the others, round by round; the difference of its CPU times has no start-up in it. Medians of all rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from bench.encoders import CHANNELS, ENCODERS, RATE, Encoder, missing
from tests.speech import speech

SHORT_S = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="of the long file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--row", action="append", help="only this one; mp3, mp4, wav or 'wav, detection'")
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
        costs = rounds(Path(folder), measured, words.seconds, words.rounds)
    held = show(measured, costs)
    if words.json:
        rows = [{"row": one.row, "name": one.name, "cpu_s_per_hour": costs[one]} for one in measured]
        words.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0 if held else 1


def rounds(folder: Path, encoders: list[Encoder], seconds: float, count: int) -> dict[Encoder, list[float]]:
    """CPU seconds for an hour of audio, by encoder and round."""
    long, short = written(folder, "long", seconds), written(folder, "short", SHORT_S)
    costs: dict[Encoder, list[float]] = {encoder: [] for encoder in encoders}
    for encoder in encoders:
        cpu_s(encoder, short, folder)  # writes the bytecode
    for _ in range(count):
        for encoder in encoders:
            spent = cpu_s(encoder, long, folder) - cpu_s(encoder, short, folder)
            costs[encoder].append(spent / (seconds - SHORT_S) * 3600)
    return costs


def written(folder: Path, name: str, seconds: float) -> Path:
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((CHANNELS, 2, RATE, 0, "NONE", ""))
        file.writeframes(speech(RATE, seconds, CHANNELS).tobytes())
    return path


def cpu_s(encoder: Encoder, given: Path, folder: Path) -> float:
    """User and system time of one run, its children's included."""
    out = folder / "out"
    command = encoder.words(str(given), str(out))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {said.decode()}")
    out.unlink()
    return usage.ru_utime + usage.ru_stime


def show(encoders: list[Encoder], costs: dict[Encoder, list[float]]) -> bool:
    """Print the table; whether every bar holds."""
    held = True
    print(f"\n{'CPU s for an hour of audio':44}{'median':>8}{'least':>8}{'most':>8}   beside")
    for encoder in encoders:
        mine = costs[encoder]
        row = f"{f'{encoder.row}: {encoder.name}':44}{statistics.median(mine):8.2f}{min(mine):8.2f}{max(mine):8.2f}"
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
