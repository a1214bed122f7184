"""`recorder watch`: show lines, states and events as they come."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, service_of
from recorder.cli.counts import at_least
from recorder.cli.line_choice import add_line_options
from recorder.cli.printing import print_objects
from recorder.cli.service import Event, Lost, Service, Told
from recorder.cli.watch_rows import COLUMNS, flat, is_told_twice


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Until Ctrl-C, over whatever breaks the connection once there was one. Raises Failed."""
    add_line_options(parser, every=False)
    parser.add_argument(
        "--after", type=at_least(0), metavar="CURSOR", help="events behind this cursor too; 0: all that are kept"
    )
    add_access_options(parser, mqtt=True)
    args = parser.parse_args(arguments)
    if args.mqtt and args.after is not None:
        parser.error("--after is for HTTP: a broker keeps no events")
    try:
        with service_of(args) as service:
            if sys.stdout.isatty() and not args.json:
                _view(service, args)
            else:
                _print(parser.prog, service, args)
    except KeyboardInterrupt:
        pass  # that is how one ends it
    return exits.FINISHED


def _print(prog: str, service: Service, args: argparse.Namespace) -> None:
    for text, event in _events(prog, service.follow(args.after)):
        row = flat(event)
        if args.line not in (None, row.get("line")):
            continue
        if args.json:
            print(text, flush=True)
        else:
            print_objects([row], COLUMNS, as_json=False)


def _events(prog: str, told: Iterable[Told]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The events, each as text and read; what becomes of the connection is told on stderr."""
    for each in told:
        if isinstance(each, Event):
            event = json.loads(each.text)
            if not is_told_twice(event):
                yield each.text, event
        elif isinstance(each, Lost):
            print(f"{prog}: {each.why}; trying again", file=sys.stderr)


def _view(service: Service, args: argparse.Namespace) -> None:
    from recorder.cli.watch_view import show  # noqa: PLC0415 # because programs needn't wait for what it loads

    show(service, service.follow(args.after), args.line)
