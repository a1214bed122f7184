"""`recorder pause`: pause recordings."""

import argparse
from collections.abc import Sequence

from recorder.cli.steering import add_steering_options, steer


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Pause what is meant. Raises Failed."""
    parser.add_argument(
        "--behavior",
        choices=("skip", "silence"),
        default="skip",
        help="leave the time out of the file (default), or keep it as silence",
    )
    add_steering_options(parser)
    args = parser.parse_args(arguments)
    return steer(args, "calling.record.pause", behavior=args.behavior)
