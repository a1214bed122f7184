"""`recorder stop`: end recordings."""

import argparse
from collections.abc import Sequence

from recorder.cli.steering import add_steering_options, steer


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """End what is meant. Raises Failed."""
    add_steering_options(parser)
    return steer(parser.parse_args(arguments), "calling.record.stop")
