"""`recorder call`: tell that a call begins or ends."""

import argparse
from collections.abc import Sequence

from recorder.cli.access import add_access_options, service_of
from recorder.cli.commanding import give
from recorder.cli.line_choice import add_line_options, chosen
from recorder.cli.printing import Column


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Tell it. Raises Failed."""
    parser.add_argument("state", choices=("begin", "end"))
    parser.add_argument("call_id", metavar="CALL_ID")
    parser.add_argument(
        "--metadata", action="append", type=_pair, metavar="NAME=VALUE", help="kept with its recordings; repeatable"
    )
    parser.add_argument("--project-id", metavar="ID", help="instead of the configuration's")
    parser.add_argument("--space-id", metavar="ID", help="instead of the configuration's")
    add_line_options(parser, every=False)
    add_access_options(parser, mqtt=True)
    args = parser.parse_args(arguments)
    metadata = None if args.metadata is None else dict(args.metadata)
    names = {"project_id": args.project_id, "space_id": args.space_id, "metadata": metadata}
    params = {"call_id": args.call_id, "state": args.state} | {k: v for k, v in names.items() if v is not None}
    with service_of(args) as service:
        [line] = chosen(args, service.lines())
        order = (line["line"], {"command": "call", "params": params})
        return give(args, service, [order], (Column("line"), Column("call_id"), Column("state")))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError("must be NAME=VALUE")
    return name, value
