"""What is wrong with a configuration."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One thing that is wrong: the file or variable that says it, the dotted key ("" for the whole), and a sentence."""

    where: str
    key: str
    detail: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.key, self.detail) if part)


class ConfigRefused(Exception):
    """A configuration that can't be used; `faults` names everything that is wrong with it."""

    def __init__(self, faults: Sequence[ConfigFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))
