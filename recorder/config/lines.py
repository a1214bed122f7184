"""The lines: each alone, and all beside each other."""

from dataclasses import replace
from itertools import combinations
from typing import Any

from recorder.config.keys import BOUNDS_KEYS, LINE_KEYS, MOST_LINES
from recorder.config.model import BoundsConfig, Config, LineConfig
from recorder.config.sheet import Sheet
from recorder.contract.bounds import TEXTS
from recorder.contract.faults import Refused
from recorder.contract.ids import line_id
from recorder.contract.parameters import parse_parameters
from recorder.contract.values import Unfit, spelled_out

_OF_A_DEVICE = ("rate", "channels", "latency", "block")


def take_lines(sheet: Sheet, config: Config) -> dict[str, LineConfig]:
    """All lines, in the order in which they were given."""
    sheet.table("lines")
    lines = [_take_line(sheet, config, name) for name in sheet.tables("lines")]
    if len(lines) > MOST_LINES:
        sheet.refuse(("lines",), f"are {len(lines)}; at most {MOST_LINES} are possible")
    for one, other in combinations(lines, 2):
        if one.device and one.device == other.device and not one.is_file:
            _check_neighbours(sheet, one, other)
    return {line.id: line for line in lines}


def _take_line(sheet: Sheet, config: Config, name: str) -> LineConfig:
    at = ("lines", name)
    sheet.table(*at)
    try:
        line_id(name)
    except Unfit as unfit:
        sheet.refuse(at, f"a line's id must be {unfit}")
    given: dict[str, Any] = {"device": "", **sheet.values(LINE_KEYS, *at)}
    sheet.require(given["device"] != "", (*at, "device"), 'is missing: "alsa:NAME" or "file:/PATH"')
    if not given["device"].startswith("file:"):
        given = {"rate": 8000, "channels": 1, **given}
    sheet.table(*at, "retention")
    bounds = BoundsConfig(**sheet.values(BOUNDS_KEYS, *at, "retention"))
    line = LineConfig(id=name, **given, retention=bounds)
    _check_line(sheet, line)
    return replace(line, defaults=_take_defaults(sheet, config, line))


def _check_line(sheet: Sheet, line: LineConfig) -> None:
    at = ("lines", line.id)
    count = (*at, "channels")
    most = 64 if line.channels is None else line.channels
    heard = line.listen_channel(most)
    for name, channel in (("speak", line.speak), ("listen", heard)):
        if channel is not None:
            detail = f"is channel {channel}, but there are {most}, counted from 0"
            sheet.require(channel < most, (*at, name), detail, count)
    sheet.require(heard != line.speak, (*at, "listen"), f"must be another channel than speak = {line.speak}")
    sheet.require(line.is_file or not line.loop, (*at, "loop"), "is for file lines only")


def _take_defaults(sheet: Sheet, config: Config, line: LineConfig) -> dict[str, object]:
    at = ("lines", line.id, "defaults")
    sheet.table(*at)
    given = sheet.below(at)
    raw = {
        name: spelled_out(each.value) if each.text and name not in TEXTS else each.value for name, each in given.items()
    }
    if raw.pop("control_id", None) is not None:
        sheet.refuse((*at, "control_id"), "names one recording and can't be every recording's")
    # A file whose header nobody has read yet may have a second channel.
    may_listen = line.channels is None or line.listen_channel(line.channels) is not None
    try:
        parse_parameters("record_call", raw, limits=config.limits(line, listen=may_listen))
    except Refused as refused:
        for fault in refused.faults:
            sheet.refuse((*at, fault.attribute), fault.detail.removeprefix(f"{fault.attribute} "))
    return raw


def _check_neighbours(sheet: Sheet, one: LineConfig, other: LineConfig) -> None:
    """Two lines of one device, which is opened once."""
    for name in _OF_A_DEVICE:
        theirs = getattr(one, name)
        detail = f"must be {theirs:g}, as in lines.{one.id} on the same device"
        paths = [("lines", line.id, name) for line in (other, one)]
        sheet.require(getattr(other, name) == theirs, paths[0], detail, paths[1])
    shared = _channels(one) & _channels(other)
    name = "speak" if other.speak in shared else "listen"
    at = ("lines", other.id, name)
    sheet.require(not shared, at, f"channel {min(shared, default=0)} is lines.{one.id}'s already")


def _channels(line: LineConfig) -> set[int]:
    heard = line.listen_channel(line.channels or 1)
    return {line.speak} if heard is None else {line.speak, heard}
