"""`recorder init`: a first configuration, made of what the sound cards say."""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from recorder.capture.devices import CaptureDevice, ListingFailed, capture_devices
from recorder.cli import exits
from recorder.config.keys import MOST_LINES
from recorder.config.load import DEFAULT_PATH
from recorder.contract.limits import RATES

BEST_RATE = RATES[0]  # what telephones speak
_HEAD = """\
# The recorder's configuration, as `recorder init` found the sound cards. recorder.toml(5) knows every key.
# `recorder check-config` says whether it is in order; `systemctl reload recorder` takes it.
"""
_EXAMPLE = """
# No sound card was found. A line looks like this; `recorder devices` lists what there is.
#[lines.front]
#device = "alsa:hw:1,0"
#rate = 8000
#channels = 2
"""


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Write the file; 73 when it is there already or can't be made."""
    parser.add_argument("--config", type=Path, default=DEFAULT_PATH, metavar="FILE", help=f"instead of {DEFAULT_PATH}")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    args = parser.parse_args(arguments)
    if args.config.exists() and not args.force:
        print(f"recorder init: {args.config} is there already; --force replaces it", file=sys.stderr)
        return exits.CANT_CREATE
    devices = _devices()
    try:
        write_whole(args.config, text_of(devices))
    except OSError as error:
        print(f"recorder init: {args.config}: {error.strerror}", file=sys.stderr)
        return exits.CANT_CREATE
    print(f"{args.config}: {len(hardware(devices))} line(s)")
    return exits.FINISHED


def _devices() -> list[CaptureDevice]:
    try:
        return capture_devices()
    except (ListingFailed, OSError) as failed:
        print(f"recorder init: the sound cards can't be asked: {failed}", file=sys.stderr)
        return []


def hardware(devices: Sequence[CaptureDevice]) -> list[CaptureDevice]:
    """The sound cards themselves, or else what ALSA's configuration names beside its own defaults."""
    cards = [device for device in devices if re.fullmatch(r"hw:\d+,\d+", device.name)]
    named = [device for device in devices if device.name not in {"default", "sysdefault", "pulse", "pipewire", "jack"}]
    return (cards or named)[:MOST_LINES]


def text_of(devices: Sequence[CaptureDevice]) -> str:
    """The file: a line for each device, of one channel or of speak and listen."""
    lines = hardware(devices)
    return _HEAD + ("".join(_line(number, device) for number, device in enumerate(lines, 1)) or _EXAMPLE)


def _line(number: int, device: CaptureDevice) -> str:
    rate = BEST_RATE if BEST_RATE in device.rates else device.rates[0]
    about = device.description.replace("\n", " ")
    return (
        f"\n# {about or device.name}: up to {device.channels} channels, {', '.join(map(str, device.rates))} Hz.\n"
        f"[lines.line-{number}]\n"
        f"device = {json.dumps(f'alsa:{device.name}')}\n"
        f"rate = {rate}\n"
        f"channels = {min(device.channels, 2)}\n"
    )


def write_whole(path: Path, text: str) -> None:
    """Write the file whole or not at all, mode 0640, with the group of its directory. OSError."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o640)
            os.fchown(file.fileno(), -1, path.parent.stat().st_gid)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
