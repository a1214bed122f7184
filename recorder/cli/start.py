"""`recorder start`: begin to record."""

import argparse
from collections.abc import Sequence

from recorder.cli.access import add_access_options, service_of
from recorder.cli.commanding import RECORDING, give
from recorder.cli.line_choice import add_line_options, chosen
from recorder.cli.record_options import add_parameter_options, given_parameters
from recorder.contract.bounds import TEXTS
from recorder.contract.values import spelled_out


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Begin one recording on each line that is meant; the service judges the options. Raises Failed."""
    parser.epilog = "What isn't given is as the line's defaults say."
    add_line_options(parser)
    add_parameter_options(parser, "They need a line with playback.", "wav")
    add_access_options(parser, mqtt=True)
    args = parser.parse_args(arguments)
    params = {name: value if name in TEXTS else spelled_out(value) for name, value in given_parameters(args).items()}
    with service_of(args) as service:
        orders = [
            (line["line"], {"command": "record_call", "params": params}) for line in chosen(args, service.lines())
        ]
        return give(args, service, orders, RECORDING)
