"""From the options of `recorder record` to what is to be done, or everything that is wrong with them."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from recorder.capture.wavfile import WavFault
from recorder.cli import exits
from recorder.cli.failed import Failed
from recorder.cli.record_options import LINE_OPTIONS, given_parameters, of_option
from recorder.config.layers import Given, Layer
from recorder.config.lines import take_lines
from recorder.config.model import Config, LineConfig
from recorder.config.sheet import Sheet
from recorder.contract.bounds import CHECKS
from recorder.contract.faults import Refused
from recorder.contract.limits import FORMATS, RING_MARGIN_S
from recorder.contract.parameters import Parameters, parse_parameters
from recorder.contract.quoting import shown
from recorder.service.lines import with_header
from recorder.service.oneshot_request import OneShot, Pace

LINE_ID = "input"


def request_of(args: argparse.Namespace, unknown: Sequence[str] = ()) -> OneShot:
    """What the options ask for. Raises Failed with every fault.

    The status is exits.USAGE if an option is wrong, else NO_INPUT or BAD_DATA for a file that can't be used.
    """
    faults = [f"{shown(each)} is no option" for each in unknown]
    faults += _missing(args)
    line = _line(args, faults)
    status, bad_file = 0, ""
    if line is not None:
        line, status, bad_file = _with_header(line)
    faults += _pace_faults(args)
    parameters = _parameters(args, line, faults)
    if faults or status:
        raise Failed(exits.USAGE if faults else status, [*faults, *([bad_file] if bad_file else [])])
    return OneShot(
        line=cast("LineConfig", line),
        parameters=parameters,
        output=Path(args.output),
        pace=cast("Pace", args.pace),
        overwrite=args.force,
    )


def _missing(args: argparse.Namespace) -> Iterator[str]:
    if args.input is None:
        yield "INPUT is missing: alsa:NAME or file:PATH"
    if not args.output:
        yield "-o FILE is missing"
    elif not args.output.isprintable():
        yield f"-o must be a printable path, not {shown(args.output)}"
    elif args.output == "-":
        yield "-o - would be standard output, where the events stand: name a file (./- for one of that name)"
    elif args.format is None and _suffix(args) not in {"", *FORMATS}:
        endings = " or ".join(f".{name}" for name in FORMATS)
        yield f"-o ends in .{_suffix(args)}: it must be {endings}, or --format says what the file shall be"


def _line(args: argparse.Namespace, faults: list[str]) -> LineConfig | None:
    """The line by the rules of the configuration; None when there is a fault of it."""
    if args.input is None:
        return None
    layer: Layer = {
        ("lines", LINE_ID): Given({}, "INPUT"),
        ("lines", LINE_ID, "device"): Given(_absolute(args.input), "INPUT"),
    }
    for name in LINE_OPTIONS:
        value = getattr(args, name)
        if value is not None:
            layer["lines", LINE_ID, name] = Given(value, _option(name), text=True)
    sheet = Sheet(layer, [])
    [line] = take_lines(sheet, Config(node_id="recorder")).values()
    faults.extend(f"{fault.where}: {fault.detail}" for fault in sheet.faults)
    return None if sheet.faults else line


def _absolute(given: str) -> str:
    """The configuration wants absolute paths; at the shell they count from where one stands."""
    scheme, colon, path = given.partition(":")
    return f"file:{Path.cwd() / path}" if scheme == "file" and colon and path else given


def _with_header(line: LineConfig) -> tuple[LineConfig, int, str]:
    """The line with its file's rate and channels; or as it was, with an exit status and what is wrong."""
    try:
        return with_header(line), 0, ""
    except WavFault as fault:
        return line, exits.BAD_DATA, f"INPUT: {fault}"
    except OSError as error:
        return line, exits.NO_INPUT, f"INPUT: {line.device} can't be opened: {error.strerror}"


def _pace_faults(args: argparse.Namespace) -> Iterator[str]:
    if args.pace not in {"real", "max"}:
        yield f"--pace: must be real or max, not {shown(args.pace)}"
    elif args.pace == "max":
        if args.input is not None and not args.input.startswith("file:"):
            yield "--pace max: is for file:PATH only"
        if args.loop:
            yield "--pace max: excludes --loop, the file would never end"
        if args.playback is not None:
            yield "--pace max: excludes --playback, there is no time to play in"


def _parameters(args: argparse.Namespace, line: LineConfig | None, faults: list[str]) -> Parameters:
    """The parameters, judged for the line; while that is not known, for one that can do everything."""
    config = Config(node_id="recorder")
    config = replace(config, pre_roll_max=config.ring_seconds - RING_MARGIN_S)
    judged = line or LineConfig(id=LINE_ID, device="", playback="")
    listen = judged.channels is None or judged.listen_channel(judged.channels) is not None
    given = given_parameters(args)
    suffix = _suffix(args)
    if suffix in FORMATS and given.setdefault("format", suffix) in FORMATS and given["format"] != suffix:
        faults.append(f"--format: is {given['format']}, but -o ends in .{suffix}")
    try:
        return parse_parameters("record_call", given, limits=config.limits(judged, listen=listen), resolved=CHECKS)
    except Refused as refused:
        faults.extend(of_option(each.attribute, each.detail) for each in refused.faults)
        return Parameters()


def _suffix(args: argparse.Namespace) -> str:
    return Path(args.output or "").suffix.lower().removeprefix(".")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
