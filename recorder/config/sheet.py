"""The values given, taken key by key; what is wrong with them, alone or together, gathers in one list."""

from collections.abc import Collection, Mapping
from typing import Any

from recorder.config.faults import ConfigFault
from recorder.config.keys import BOUNDS_KEYS, KEYS, LATER, LINE_KEYS, LINE_LATER, TABLES, TOKEN_KEYS, Key
from recorder.config.layers import LINE_TABLES, Given, Layer, dotted
from recorder.contract.quoting import shown, suggestion
from recorder.contract.values import Unfit, spelled_out

Path = tuple[str, ...]


class Sheet:
    """All that was given. `origins` tells of every value taken where it stands, `faults` what is wrong."""

    def __init__(self, layer: Layer, faults: list[ConfigFault]) -> None:
        self._layer = layer
        self._left = dict(layer)
        self.faults = faults
        self._wrong: set[Path] = set()
        self.origins: dict[str, str] = {}

    def tables(self, name: str) -> list[str]:
        """The names below a table, in the order in which they came."""
        return list(dict.fromkeys(path[1] for path in self._layer if path[0] == name and len(path) > 1))

    def below(self, start: Path) -> dict[str, Given]:
        """Take every value that stands right below a path, unchecked."""
        found = {path[-1]: given for path, given in self._left.items() if path[:-1] == start}
        for name, given in found.items():
            self._note(*start, name, given=given)
        return found

    def values(self, keys: Mapping[str, Key], *start: str) -> dict[str, Any]:
        """The checked values of those keys that are given, and right."""
        found: dict[str, Any] = {}
        for name, key in keys.items():
            given = self._left.get((*start, name))
            if given is None:
                continue
            self._note(*start, name, given=given)
            try:
                found[name] = key.check(_value(key, given))
            except Unfit as unfit:
                but = "" if key.secret else f", not {shown(given.value)}"
                self.refuse((*start, name), f"must be {unfit}{but}")
        return found

    def table(self, *path: str) -> None:
        """Take a table itself; it is a fault when it is none."""
        given = self._left.pop(path, None)
        if given is not None and not isinstance(given.value, dict):
            self.refuse(path, f"must be a table, not {shown(given.value)}")

    def refuse(self, path: Path, detail: str) -> None:
        """Add a fault of this key."""
        self._wrong.add(path)
        self.faults.append(ConfigFault(self._where(path), dotted(path), detail))

    def require(self, right: bool, path: Path, detail: str, *others: Path) -> None:
        """Add a fault of a key that is wrong beside others, unless one of them is wrong in itself."""
        if not right and not self._wrong & {path, *others}:
            self.refuse(path, detail)

    def close(self) -> None:
        """Refuse every key that nobody took."""
        for path in list(self._left):
            later = path[0] in LATER or (path[0] == "lines" and path[2:3] and path[2] in LINE_LATER)
            detail = "is not supported by this version yet" if later else f"is no key{_near(path)}"
            self.refuse(path, detail)

    def _note(self, *path: str, given: Given) -> None:
        self.origins[dotted(path)] = given.where
        del self._left[path]

    def _where(self, path: Path) -> str:
        """Where the key stands, or the nearest table around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._layer:
                return self._layer[path[:end]].where
        return ""


def _value(key: Key, given: Given) -> object:
    """What was given, as TOML would have it."""
    if not given.text or key.text:
        return given.value
    if key.many:
        return [part.strip() for part in str(given.value).split(",") if part.strip()]
    return spelled_out(given.value)


def _near(path: Path) -> str:
    known: Collection[str] = ()
    if len(path) == 1:
        known = [*KEYS, *TABLES, "tokens", "lines"]
    elif path[0] in TABLES and len(path) == 2:
        known = TABLES[path[0]]
    elif path[0] == "lines" and len(path) == 3:
        known = [*LINE_KEYS, *LINE_TABLES]
    elif path[-2:-1] == ("retention",) or path[0] == "retention":
        known = BOUNDS_KEYS
    elif path[0] == "tokens" and len(path) == 3:
        known = [*TOKEN_KEYS]
    return suggestion(path[-1], known)
