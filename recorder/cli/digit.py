"""`recorder digit`: send an out-of-band digit."""

import argparse
from collections.abc import Sequence

from recorder.cli.access import add_access_options, service_of
from recorder.cli.commanding import give
from recorder.cli.line_choice import add_line_options, chosen
from recorder.cli.printing import Column


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Send it. Raises Failed."""
    parser.add_argument("digit", metavar="DIGIT", help="0-9 A-D * #")
    add_line_options(parser, every=False)
    add_access_options(parser, mqtt=True)
    args = parser.parse_args(arguments)
    with service_of(args) as service:
        [line] = chosen(args, service.lines())
        order = (line["line"], {"command": "digit", "params": {"digit": args.digit}})
        return give(args, service, [order], (Column("line"), Column("digit")))
