"""Where values come from: the file, then conf.d in name order, the environment, credentials; the later one wins.

Everything becomes one flat mapping from a key's path, as ("lines", "desk", "rate"), to what was given for it and where.
A line's table stands in it too, as ("lines", "desk"), so that a line without keys is seen; a token's likewise.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from recorder.config.faults import ConfigFault
from recorder.config.keys import TABLES
from recorder.contract.quoting import shown_name

PREFIX = "RECORDER_"
NAMED = ("lines", "tokens")  # tables whose keys are names, each of a table
LINE_TABLES = ("defaults", "retention")  # tables in a line's
# Variables with our prefix that are not the configuration's: what setup.py takes, and what lets tests break us.
_NOT_OURS = frozenset({"RECORDER_CFLAGS", "RECORDER_TEST_FAULTS"})


@dataclass(frozen=True, slots=True)
class Given:
    """A value, where it stands, and whether it came as text that may spell a number or a boolean."""

    value: object
    where: str
    text: bool = False


Layer: TypeAlias = dict[tuple[str, ...], Given]


def dotted(path: tuple[str, ...]) -> str:
    """The key's name as messages spell it."""
    return ".".join(map(shown_name, path))


def files_of(path: Path) -> list[Path]:
    """The main file, if it is there, and the files of conf.d beside it."""
    main = [path] if path.exists() else []
    return main + sorted((path.parent / "conf.d").glob("*.toml"))


def read_file(path: Path, faults: list[ConfigFault]) -> Layer:
    """What a TOML file gives; nothing, and a fault, when it can't be read."""
    try:
        with path.open("rb") as file:
            tree = tomllib.load(file)
    except OSError as error:
        faults.append(ConfigFault(str(path), "", f"can't be read: {error.strerror}"))
    except RecursionError:
        faults.append(ConfigFault(str(path), "", "no TOML: nested too deep"))
    except ValueError as error:
        faults.append(ConfigFault(str(path), "", f"no TOML: {error}"))
    else:
        return {key: Given(value, str(path)) for key, value in _flat(tree)}
    return {}


def read_environment(environ: Mapping[str, str]) -> Layer:
    """What variables give: RECORDER_NODE_ID is node_id, RECORDER_LINES__DESK__RATE is lines.desk.rate.

    A line's id and a token's name have no `_`, so one stands there for the `-` that a variable's name can't have.
    """
    layer: Layer = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _NOT_OURS:
            continue
        path = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if path[0] in NAMED and len(path) > 1:
            path = (path[0], path[1].replace("_", "-"), *path[2:])
            layer.setdefault(path[:2], Given({}, name))
        layer[path] = Given(environ[name], name, text=True)
    return layer


def stack(layers: list[Layer], faults: list[ConfigFault]) -> Layer:
    """The layers as one. A line's device in two of them is a fault: two lines were given one id."""
    whole: Layer = {}
    for layer in layers:
        for path, given in layer.items():
            before = whole.get(path)
            if path[:1] == ("lines",) and path[2:] == ("device",) and before and not given.text:
                detail = f"{before.where} has a line of this name already"
                faults.append(ConfigFault(given.where, dotted(path), detail))
            whole[path] = given
    return whole


def _flat(tree: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in tree.items():
        if key in NAMED and isinstance(value, dict):
            for name, table in value.items():
                yield (key, name), table
                if isinstance(table, dict):
                    yield from _flat_named((key, name), table)
        elif key in TABLES and isinstance(value, dict):
            for name, each in value.items():
                if key == "retention" and isinstance(each, dict):
                    yield from (((key, name, bound), given) for bound, given in each.items())
                else:
                    yield (key, name), each
        else:
            yield (key,), value


def _flat_named(at: tuple[str, str], table: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in table.items():
        if at[0] == "lines" and key in LINE_TABLES and isinstance(value, dict):
            yield from (((*at, key, name), each) for name, each in value.items())
        else:
            yield (*at, key), value
