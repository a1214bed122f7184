"""The DTMF table, ours beside the field's: `python -m bench.ear [--speech FILE.s16] [--json FILE]`.

FILE.s16 is real speech without digits, 8000 Hz mono s16le: it lies under the digits of the speech rows, and every digit
found in it alone is false. Without it these rows are left out.
"""

import argparse
import difflib
import json
import platform
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench import cost, peers
from bench import dtmf_rows as rows
from bench.dtmf_signals import Pcm
from recorder import _dsp

CHUNK = 8000 * 60  # of talk-off material


def table(speech: Pcm | None) -> dict[str, rows.Row]:
    """All rows by name; what must not be heard has no expected digits, so every one told is an error."""
    named: dict[str, rows.Row] = {}
    for sides in ("both", "low", "high"):
        for share, expected in ((0.015, True), (0.035, False)):
            verb = "heard" if expected else "not heard"
            named[f"deviation {share:.1%}, {sides}: {verb}"] = rows.deviation(share, sides, expected=expected)
    for twist, expected in ((-8, True), (4, True), (-12.1, False), (8.1, False)):
        named[f"twist {twist:+} dB: {'heard' if expected else 'not heard'}"] = rows.twist(twist, expected=expected)
    for level, expected in ((0, True), (-20, True), (-40, True), (-55, False)):
        named[f"level {level} dBm0: {'heard' if expected else 'not heard'}"] = rows.level(level, expected=expected)
    for ms, expected in ((40, True), (23, False)):
        named[f"duration {ms} ms: {'heard' if expected else 'not heard'}"] = rows.duration(ms, expected=expected)
    named["pause of 40 ms splits"] = rows.pause(40)
    for hole, whole in ((10, 50), (10, 100), (20, 80), (20, 200)):
        named[f"{hole} ms lost of {whole} do not split"] = rows.drop_out(hole, whole)
    named |= {f"white noise {snr} dB below": rows.noise(snr) for snr in (12, 9, 6)}
    named |= {f"echo -10 dB after {ms} ms": rows.echo(ms) for ms in (5, 10, 20)}
    named["dial tone 350+440 at -14 dBm0"] = rows.dial_tone((350, 440), -14)
    named["dial tone 425 at -11 dBm0"] = rows.dial_tone((425,), -11)
    named["tones of the network: none"] = rows.lone_tones
    if speech is not None:
        named |= {f"speech {snr} dB below": rows.over_speech(speech, snr) for snr in (15, 10, 5)}
        named[f"talk-off, {len(speech) / 8000 / 3600:.1f} h: none"] = lambda: (
            (speech[at : at + CHUNK], "") for at in range(0, len(speech), CHUNK)
        )
    return named


def score(row: rows.Row, detect: peers.Detector) -> tuple[int, int, int]:
    """Digits missed, digits told that were none, digits sent."""
    missed = false = sent = 0
    for pcm, expected in row():
        told = detect(pcm)
        blocks = difflib.SequenceMatcher(None, expected, told, autojunk=False).get_matching_blocks()
        right = sum(block.size for block in blocks)
        missed, false, sent = missed + len(expected) - right, false + len(told) - right, sent + len(expected)
    return missed, false, sent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path)
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    speech = np.fromfile(words.speech, np.int16) if words.speech else None
    detectors = peers.installed()
    results: dict[str, dict[str, tuple[int, int, int]]] = {}
    print(f"{'missed/false of sent':40}" + "".join(f"{name:>20}" for name in detectors))
    for name, row in table(speech).items():
        results[name] = {peer: score(row, detect) for peer, detect in detectors.items()}
        cells = (f"{missed}/{false} of {sent}" for missed, false, sent in results[name].values())
        print(f"{name:40}" + "".join(f"{cell:>20}" for cell in cells), flush=True)
    instructions = cost.per_sample(speech)
    for name, count in instructions.items():
        print(f"{'instructions a sample, ' + name:40}{count:>20}")
    if words.json:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        about = {"date": when, "machine": platform.machine(), "ear_version": _dsp.EAR_VERSION}
        words.json.write_text(json.dumps(about | {"dtmf": results, "instructions": instructions}, indent=1) + "\n")


if __name__ == "__main__":
    main()
