"""The options that say what is recorded. Values stay text: they are judged together, so that every fault is told."""

import argparse

from recorder.contract.bounds import CHECKS

LINE_OPTIONS = ("rate", "channels", "speak", "listen", "playback", "latency", "block", "loop")


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """INPUT, -o, and every option of `recorder record`."""
    parser.add_argument(
        "input", nargs="?", metavar="INPUT", help="alsa:NAME, as `recorder devices` lists, or file:PATH"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="the recording; must not exist yet")
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    _add_input(parser.add_argument_group("the input"))
    add_parameter_options(parser, "They need --playback.", "what -o ends in, else wav")


def add_parameter_options(parser: argparse.ArgumentParser, beeps_need: str, format_default: str) -> None:
    """Every parameter of a recording."""
    _add_file(parser.add_argument_group("what is recorded"), format_default)
    _add_ends(parser.add_argument_group("when it ends", "SECONDS are 0 to 86400; 0, the default, is never."))
    _add_beeps(parser.add_argument_group("beeps", beeps_need))
    _add_names(parser.add_argument_group("names"))


def given_parameters(args: argparse.Namespace) -> dict[str, str | bool]:
    """What was given of them, by the contract's names, as text."""
    return {name: getattr(args, name) for name in CHECKS if getattr(args, name) is not None}


def of_option(attribute: str, detail: str) -> str:
    """A fault of a parameter as it is told of its option."""
    return f"--{attribute.replace('_', '-')}: {detail.removeprefix(attribute).lstrip()}"


def _add_input(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--rate", metavar="HZ", help="8000 (default), 16000, 44100 or 48000; a file has its own")
    group.add_argument("--channels", metavar="N", help="of the device, default 1; a file has its own")
    group.add_argument("--speak", metavar="CHANNEL", help="of what the party says, counted from 0; default 0")
    group.add_argument(
        "--listen", metavar="CHANNEL", help="of what it hears, or none; default 1 where there are two channels"
    )
    group.add_argument("--latency", metavar="SECONDS", help="that the device buffers; default 0.5")
    group.add_argument("--block", metavar="FRAMES", help="to a callback; default 0, PortAudio's choice")
    group.add_argument("--playback", metavar="alsa:NAME", help="where beeps go")
    group.add_argument("--loop", action="store_const", const="true", help="a file begins again at its end")
    group.add_argument(
        "--pace", metavar="real|max", default="real", help="a file as a telephone would play it (default), or at once"
    )


def _add_file(group: argparse._ArgumentGroup, format_default: str) -> None:
    group.add_argument("--format", metavar="FORMAT", help=f"wav, mp3 or mp4; default {format_default}")
    group.add_argument("--direction", metavar="WHICH", help="speak, listen or both (default)")
    group.add_argument(
        "--stereo", action=argparse.BooleanOptionalAction, help="with both: speak left, listen right; else mixed"
    )
    group.add_argument(
        "--pre-roll", metavar="SECONDS", help="begin that long before the command, as far as there is audio"
    )


def _add_ends(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--max-length", metavar="SECONDS", help="of the file")
    group.add_argument("--initial-timeout", metavar="SECONDS", help="without any speech: no_input")
    group.add_argument("--end-silence-timeout", metavar="SECONDS", help="without speech after some")
    group.add_argument("--terminators", metavar="DIGITS", help="any of these keys, of 0-9 A-D * #; default none")
    group.add_argument("--input-sensitivity", metavar="0..100", help="higher takes weaker sound for speech; default 44")


def _add_beeps(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--beep", action=argparse.BooleanOptionalAction, help="before the recording begins")
    group.add_argument(
        "--beep-interval", metavar="SECONDS", help="a warning tone that often: 5 to 3600; default 0, none"
    )


def _add_names(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--control-id", metavar="ID", help="the recording's name in events; default a UUID")
    group.add_argument("--status-url", metavar="URL", help="gets every event by POST")
