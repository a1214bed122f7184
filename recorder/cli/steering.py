"""What pause, resume and stop have in common: they are for recordings that live."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, service_of
from recorder.cli.commanding import RECORDING, give
from recorder.cli.failed import Failed
from recorder.cli.line_choice import add_line_options, chosen


def add_steering_options(parser: argparse.ArgumentParser) -> None:
    """CONTROL_ID, the lines, and the service."""
    parser.add_argument(
        "recording", nargs="?", metavar="CONTROL_ID", help="of the recording; without one, all that live on the line"
    )
    add_line_options(parser)
    add_access_options(parser, mqtt=True)


def steer(args: argparse.Namespace, command: str, **params: str) -> int:
    """Give the command to each recording that is meant. Raises Failed."""
    with service_of(args) as service:
        orders = [
            (line, {"command": command, "params": {"control_id": control_id, **params}})
            for line, control_id in _meant(args, service.lines())
        ]
        return give(args, service, orders, RECORDING, ends=command == "calling.record.stop")


def _meant(args: argparse.Namespace, lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(line, control_id) of each recording; of a name that no live one has, the service may know. Raises Failed."""
    live = [(str(line["line"]), str(each["control_id"])) for line in lines for each in line["recordings"]]
    if args.recording is not None:
        named = [each for each in live if each[1] == args.recording]
        if len(named) == 1 and args.line is None:
            return named
        if not named and args.line is None and len(lines) > 1:
            raise Failed(exits.REFUSED, ["no live recording has this control_id"])
    here = {str(line["line"]) for line in chosen(args, lines)}
    found = [each for each in live if each[0] in here and args.recording in (None, each[1])]
    if not found and args.recording is not None and len(here) == 1:
        return [(here.pop(), args.recording)]
    if not found:
        which = "no recording lives" if args.recording is None else "no live recording has this control_id"
        raise Failed(exits.REFUSED, [which])
    return found
