"""The command `recorder`: finds the command's module, and imports no other."""

import argparse
import errno
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from recorder import __version__
from recorder.cli import exits
from recorder.cli.failed import Failed
from recorder.contract.quoting import printable, shown, suggestion

# name -> what it does. Its module has the same name, with _ for -, and in it run(parser, arguments) -> exit status,
# which adds its options to the parser and lets it read the arguments.
COMMANDS = {
    "capture": "fill the rings of all configured lines with audio, and do nothing else",
    "serve": "take commands and record from the rings",
    "record": "record one input into one file, without a service",
    "devices": "list the ALSA devices that can be recorded from",
    "start": "begin to record",
    "pause": "pause recordings",
    "resume": "go on with paused recordings",
    "stop": "end recordings",
    "digit": "send a digit, as if the party had pressed its key",
    "call": "tell that a call begins or ends",
    "ls": "list recordings, newest first",
    "show": "tell all that is known of a recording",
    "hold": "protect recordings from erasure, or no longer",
    "rm": "erase recordings",
    "export": "copy a recording's audio into a file",
    "track": "tell a recording's peaks, voice, digits, pauses and gaps",
    "deliveries": "list what is on its way to broker and receivers",
    "status": "show how lines, checks, disk and deliveries stand",
    "doctor": "look at all that a box needs, and say what to do",
    "selftest": "play a programme to a line, record it, and judge what came of it",
    "watch": "show lines, states and events as they come",
    "init": "ask the sound cards and write a first configuration",
    "store": "make the catalogue again when its database is lost: `store rebuild`",
    "check-config": "name everything that is wrong with the configuration, or print what holds",
}

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})  # what a write to standard output meets


class Parser(argparse.ArgumentParser):
    """Ends with exits.USAGE where argparse would end with 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how it is used."""
        self.print_usage(sys.stderr)
        self.exit(exits.USAGE, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _open_what_is_closed()
    try:
        known = arguments[:1] and arguments[0] in COMMANDS
        status = _command(arguments[0], arguments[1:]) if known else _top(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:  # who read our output has gone
        _give_up_stdout()
        return exits.IO_ERROR
    except OSError as error:
        if error.filename is not None or error.errno not in _FULL:
            raise
        _give_up_stdout()
        print(f"recorder: the output can't be written: {error.strerror}", file=sys.stderr)
        return exits.IO_ERROR
    return status


def _open_what_is_closed() -> None:
    """Give a standard stream that was closed to /dev/null, before a database or a recording gets its number."""
    for fd, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest free number: this one
            setattr(sys, name, os.fdopen(fd, mode, closefd=False))


def _give_up_stdout() -> None:
    """The interpreter would stumble over it once more when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command(name: str, arguments: list[str]) -> int:
    gc.disable()  # what is imported stays: to look through it while it grows takes a tenth of the start
    module = import_module(f"recorder.cli.{name.replace('-', '_')}")
    gc.freeze()
    gc.enable()
    parser = Parser(
        prog=f"recorder {name}",
        description=f"{COMMANDS[name][0].upper()}{COMMANDS[name][1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    try:
        status: int = module.run(parser, arguments)
    except Failed as failed:
        for fault in failed.faults:
            print(f"{parser.prog}: {printable(fault)}", file=sys.stderr)
        return failed.status
    return status


def _top(arguments: list[str]) -> int:
    parser = Parser(
        prog="recorder",
        description="A call recorder for SIP gateways.",
        epilog="commands:\n"
        + "".join(f"  {name:14}{meaning}\n" for name, meaning in COMMANDS.items())
        + "\n`recorder COMMAND --help` tells of its options.\n\nexit status:\n"
        + "".join(f"  {status:<4}{meaning}\n" for status, meaning in exits.MEANINGS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="recorder [--help] [--version] COMMAND ...",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"recorder {__version__}")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    args, _ = parser.parse_known_args(arguments)
    if args.command is None:
        parser.error(f"a command is missing: {', '.join(COMMANDS)}")
    parser.error(f"{shown(args.command)} is no command{suggestion(args.command, COMMANDS)}")
