"""What the commands take, asked of their own parsers."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn

from recorder.cli.main import COMMANDS, Parser


@dataclass(frozen=True, slots=True)
class Option:
    """One option or argument. `value` "" is none; an argument without flags has a value alone."""

    flags: tuple[str, ...]
    value: str
    help: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the program."""

    name: str
    meaning: str
    usage: str
    options: tuple[Option, ...]


class _Asked(Exception):  # because it is no error: the parser is complete
    """Raised where a command would parse."""


class _Asking(Parser):
    def parse_args(self, *_: object, **__: object) -> NoReturn:
        raise _Asked

    parse_known_args = parse_args


def commands() -> list[Command]:
    """All of them, in the order of `recorder --help`."""
    return [_command(name, meaning) for name, meaning in COMMANDS.items()]


def _command(name: str, meaning: str) -> Command:
    parser = _Asking(prog=f"recorder {name}")
    with suppress(_Asked):
        import_module(f"recorder.cli.{name.replace('-', '_')}").run(parser, [])
    formatter = argparse.HelpFormatter(parser.prog, width=1000)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)  # noqa: SLF001 # because argparse shows them nowhere else
    usage = formatter.format_help().strip().removeprefix("usage: ")
    return Command(name, meaning, usage, tuple(_options(parser)))


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:  # noqa: SLF001 # because argparse shows them nowhere else
        if action.help == argparse.SUPPRESS:
            continue
        takes = action.nargs != 0
        name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        told = (action.help or "") % {**vars(action), "prog": parser.prog}
        yield Option(tuple(action.option_strings), name if takes else "", told, _choices(action))


def _choices(action: argparse.Action) -> tuple[str, ...]:
    choices: Sequence[object] = list(action.choices or ())
    return tuple(map(str, choices))
