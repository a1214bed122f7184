"""`recorder devices`: what can be recorded from."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence

from recorder.capture.devices import ListingFailed, capture_devices
from recorder.cli import exits


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Print the devices, their channels and the rates that they take."""
    parser.add_argument("--json", action="store_true", help="as a JSON list")
    args = parser.parse_args(arguments)
    try:
        found = capture_devices()
    except ListingFailed as failed:
        print(f"recorder devices: {failed}", file=sys.stderr)
        return exits.UNAVAILABLE
    if args.json:
        print(json.dumps([dataclasses.asdict(each) for each in found]))
        return exits.FINISHED
    for each in found:
        rates = ", ".join(map(str, each.rates))
        print(f"alsa:{each.name}  up to {each.channels} channels  {rates} Hz  {each.description}")
    if not found:
        print("no ALSA device can be recorded from now", file=sys.stderr)
    return exits.FINISHED
