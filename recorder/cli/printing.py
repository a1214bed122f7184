"""What commands print: a table on a terminal, else values with tabs between them; or JSON, when it is asked for."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from recorder.contract.quoting import printable

Kind: TypeAlias = Literal["text", "moment", "seconds", "bytes"]

FIRST_S, BEYOND_S = -62_135_510_400, 253_402_214_400  # 0001-01-02 and 9999-12-31: what a date can tell in any zone


@dataclass(frozen=True, slots=True)
class Column:
    """A key of the objects that are printed, and what its values are: text, Unix seconds, seconds, bytes.

    `wide`: a terminal is too narrow for it. `whole`: never broken, so that it can be copied.
    """

    name: str
    kind: Kind = "text"
    wide: bool = False
    whole: bool = False


def print_objects(objects: Iterable[Mapping[str, Any]], columns: Sequence[Column], *, as_json: bool) -> None:
    """Print objects as they come, on a terminal all at once; a key that one lacks is left empty."""
    if as_json:
        for each in objects:
            print(json.dumps(each, ensure_ascii=False), flush=True)
    elif sys.stdout.isatty():
        _print_table(objects, columns)
    else:
        for each in objects:
            print("\t".join(plain(each.get(column.name), column.kind) for column in columns), flush=True)


def plain(value: object, kind: Kind) -> str:
    """A value for programs: times as ISO 8601 in UTC, numbers as they are, what is no scalar as JSON."""
    if value is None:
        return ""
    if kind == "moment" and isinstance(value, int | float) and FIRST_S <= value < BEYOND_S:
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def spoken(value: object, kind: Kind) -> str:
    """A value for people: times as the clock on the wall shows them, bytes in the unit that suits."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return plain(value, kind)
    match kind:
        case "moment":
            if not FIRST_S <= value < BEYOND_S:
                return plain(value, kind)
            return datetime.fromtimestamp(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case "seconds":
            return length(value)
        case "bytes":
            return size(value)
        case "text":
            return plain(value, kind)


def length(seconds: float) -> str:
    """`4.2 s`, `1:02` or `1:01:01`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def size(count: float) -> str:
    """`812 B`, `1.5 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _print_table(objects: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> None:
    from rich.console import Console  # noqa: PLC0415 # because programs needn't wait for it to load
    from rich.table import Table  # noqa: PLC0415 # because likewise
    from rich.text import Text  # noqa: PLC0415 # because likewise

    table = Table(box=None, header_style="bold", pad_edge=False)
    shown = [column for column in columns if not column.wide]
    for column in shown:
        side: Literal["left", "right"] = "right" if column.kind in {"seconds", "bytes"} else "left"
        table.add_column(column.name.replace("_", " "), justify=side, overflow="fold", no_wrap=column.whole)
    try:
        for each in objects:
            table.add_row(*(Text(spoken(each.get(column.name), column.kind)) for column in shown))
    finally:
        if table.row_count:
            Console(highlight=False).print(table)
