"""The ear beside the field's: `python -m bench.ear [--quick] [--voices FOLDER] [--json docs/ear.json]`.

Both tables in one run, on material made here: the digits' (spandsp, multimon-ng), then the voice's (WebRTC's, silero).
Peers that are not there are named; `make bench-peers` installs them.
"""

import argparse
import importlib.util
import json
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import cost, dtmf_table, peers, talk, timing
from bench.dtmf_signals import Pcm
from recorder import _dsp

PEERS = ("libspandsp2", "multimon-ng", "webrtcvad-wheels", "silero-vad", "onnxruntime", *talk.PACKAGES)
HOURS, QUICK_HOURS = 6.6, 0.2


def digits(speech: Pcm, *, quick: bool) -> dict[str, dict[str, tuple[int, int, int]]]:
    detectors = peers.installed()
    results = {}
    print(f"{'missed/false of sent':48}" + "".join(f"{name:>18}" for name in detectors))
    for name, row in dtmf_table.table(speech, shifted=not quick).items():
        results[name] = dtmf_table.score(row, detectors)
        cells = (f"{missed}/{false} of {sent}" for missed, false, sent in results[name].values())
        print(f"{name:48}" + "".join(f"{cell:>18}" for cell in cells), flush=True)
    return results


def times() -> dict[str, object]:
    latencies = {name: timing.latency_ms(begin) for name, begin in peers.streams().items()}
    for name, (median, most) in latencies.items():
        print(f"{'latency, median and most, ' + name:48}{median:12.1f} ms {most:8.1f} ms")
    frames = timing.told()
    for name, off in frames.items():
        print(f"{name:48}{off:12.2f}")
    return {"latency_ms": latencies} | frames


def costs(speech: Pcm) -> dict[str, dict[str, float]]:
    counts = cost.per_sample(speech)
    for name, parts in counts.items():
        print(f"{'instructions a sample, ' + name:48}" + ", ".join(f"{part} {count}" for part, count in parts.items()))
    return counts


def voices(folder: Path | None, *, quick: bool) -> dict[str, object]:
    """Empty as long as there are no voice rows."""
    if importlib.util.find_spec("bench.voice_peers") is None:
        return {}
    from bench import voice_peers, voice_rows  # noqa: PLC0415  # because they come and go together

    material = (
        voice_rows.Material.made(folder, clips=2, ends=32, noises=7) if quick else voice_rows.Material.made(folder)
    )
    results: dict[str, object] = {}
    for name, (hear, gate) in voice_peers.installed().items():
        score = voice_rows.scored(hear, gate, material)
        results[name] = score.as_dict()
        print(
            f"{name:22} AUC {score.auc:.3f}, F1 {score.f1:.3f}, ends {score.ends} of {score.of}, early {score.early}, "
            f"false starts {score.false_starts} of {score.noise_clips}, onset {score.onset_ms:.0f} ms",
            flush=True,
        )
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less talk-off, no other speeds, fewer clips: minutes")
    parser.add_argument(
        "--hours", type=float, default=HOURS, help="of speech; ten times as much again is sped up or slowed down"
    )
    parser.add_argument(
        "--voices", type=Path, help="CACHE/clips/test of `make -C ext/vad/train clips`: else espeak-ng speaks"
    )
    parser.add_argument("--json", type=Path, help="keep all figures in this file")
    parser.add_argument("--only", choices=("digits", "voice"))
    words = parser.parse_args()
    versions = peers.versions()
    missing = [name for name in PEERS if name not in versions]
    print("versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    print(f"not installed, left out: {', '.join(missing)}" if missing else "all peers and voices are there")
    kept: dict[str, object] = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": platform.machine()}
    kept |= {
        "ear_version": _dsp.EAR_VERSION,
        "quick": words.quick,
        "hours": words.hours,
        "versions": versions,
        "missing": missing,
    }
    if words.only != "voice":
        speech = talk.spoken(QUICK_HOURS if words.quick else words.hours)
        kept |= {"dtmf": digits(speech, quick=words.quick), "timing": times(), "instructions": costs(speech)}
    if words.only != "digits":
        kept["voice_material"] = "held-out talkers" if words.voices else "espeak-ng"
        kept["voice"] = voices(words.voices, quick=words.quick)
    if words.json:
        words.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
