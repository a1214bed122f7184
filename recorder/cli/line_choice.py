"""Which lines a command is for."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from recorder.cli import exits
from recorder.cli.failed import Failed
from recorder.contract.quoting import listed


def add_line_options(parser: argparse.ArgumentParser, *, every: bool = True) -> None:
    """--line, and --all where a command may be for every line."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--line", metavar="LINE", help="by its id; may be left out where there is one line")
    if every:
        group.add_argument("--all", action="store_true", help="every line")


def chosen(args: argparse.Namespace, lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of the box's lines, those that the options mean. Raises Failed: there is no such line, or more than one."""
    known = [str(each["line"]) for each in lines]
    if args.line is not None:
        found = [each for each in lines if each["line"] == args.line]
        if not found:
            raise Failed(exits.REFUSED, [f"there is no line {args.line}; there are: {', '.join(known) or 'none'}"])
        return found
    if len(lines) > 1 and not getattr(args, "all", False):
        options = "--line or --all" if hasattr(args, "all") else "--line"
        raise Failed(exits.USAGE, [f"{options} is missing: the lines are {listed(known)}"])
    if not lines:
        raise Failed(exits.REFUSED, ["the service has no line"])
    return list(lines)
