"""The keys of one object, taken one by one; everything that is wrong with them gathers in a list of faults."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from recorder.contract.faults import Fault, fault
from recorder.contract.quoting import shown, shown_name, suggestion
from recorder.contract.values import Check, Unfit

T = TypeVar("T")
D = TypeVar("D")

NO_HINTS: Mapping[str, str] = MappingProxyType({})
MOST_UNKNOWN = 20  # unknown keys named one by one


class Fields:
    """A hostile object being read. What is no object counts as an empty one, and is a fault.

    >>> faults = []
    >>> fields = Fields({"digit": "5", "didgit": "6"}, faults, "params")
    >>> fields.need("digit", digit, ""), fields.close(), faults[0].attribute
    ('5', None, 'didgit')
    """

    def __init__(self, raw: object, faults: list[Fault], name: str) -> None:
        self._left: dict[object, object] = dict(raw) if isinstance(raw, dict) else {}
        self._known: list[str] = []
        self._faults = faults
        if not isinstance(raw, dict):
            faults.append(
                fault("invalid_parameter", name, f"{name or 'a command'} must be an object, not {shown(raw)}")
            )

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, check: Check[T], default: D) -> T | D:
        """The checked value of a key that may be left out; the default also when the value is unfit."""
        self._known.append(name)
        if name not in self._left:
            return default
        value = self._left.pop(name)
        try:
            return check(value)
        except Unfit as unfit:
            self.refuse("invalid_parameter", name, f"{name} must be {unfit}, not {shown(value)}")
            return default

    def need(self, name: str, check: Check[T], stand_in: T) -> T:
        """The checked value of a key that must be there; the stand-in when there is a fault."""
        if name not in self._left:
            self.refuse("missing_parameter", name, f"{name} is missing")
        return self.take(name, check, stand_in)

    def refuse(self, code: str, name: str, detail: str) -> None:
        """Add a fault of this object."""
        self._faults.append(fault(code, name, detail))

    def close(self, hints: Mapping[str, str] = NO_HINTS) -> None:
        """Refuse every key that nobody took. `hints` say of names that belong elsewhere why they aren't known."""
        for key in list(self._left)[:MOST_UNKNOWN]:
            name = shown_name(key)
            more = f"; {hints[key]}" if isinstance(key, str) and key in hints else suggestion(key, self._known)
            self.refuse("unknown_parameter", name, f'"{name}" is not known here{more}')
        if len(self._left) > MOST_UNKNOWN:
            self.refuse("unknown_parameter", "", f"and {len(self._left) - MOST_UNKNOWN} more unknown keys")
