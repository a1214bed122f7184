"""`recorder record INPUT -o FILE`: one recording, without a service."""

import argparse
from collections.abc import Sequence

from recorder.cli.record_options import add_record_options
from recorder.cli.record_request import request_of
from recorder.service import oneshot


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Record until the recording ends or Ctrl-C, events as JSON lines on stdout; the exit status. Raises Failed."""
    parser.usage = f"{parser.prog} INPUT -o FILE [options]"
    add_record_options(parser)
    args, unknown = parser.parse_known_args(arguments)
    return oneshot.run(request_of(args, unknown))
