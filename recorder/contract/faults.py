"""What is wrong with a command, in the words and the JSON of every door."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_FAULTS = 50  # of one answer: a body of a megabyte must not be answered by ten

_TITLES = {
    "invalid_json": "Not readable as JSON",
    "too_large": "Too large",
    "invalid_parameter": "Invalid parameter",
    "missing_parameter": "Missing parameter",
    "unknown_parameter": "Unknown parameter",
    "conflicting_parameters": "Parameters that exclude each other",
    "unsupported": "Not supported",
    "unknown_command": "Unknown command",
    "too_many_faults": "Too many faults",
    "deadline_passed": "Too late",
    "not_found": "Not found",
    "conflict": "Conflict",
    "gone": "Gone",
    "internal_error": "Internal error",
    "line_down": "Line down",
    "limit_reached": "Limit reached",
    "insufficient_storage": "Insufficient storage",
    "bad_request": "Bad request",
    "unauthorized": "Not logged in",
    "forbidden": "Not allowed",
    "invalid_link": "Link not valid",
    "tls_required": "TLS required",
    "too_many_failures": "Too many failed log-ins",
    "method_not_allowed": "Method not allowed",
    "unsupported_media_type": "Media type not supported",
    "range_not_satisfiable": "Range not satisfiable",
    "not_ready": "Nothing there yet",
    "too_slow": "Too slow",
    "invalid_yaml": "Not readable as YAML",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a fixed `code`, a sentence, and the `attribute` it is about ("" when about none)."""

    code: str
    title: str
    detail: str
    status: int
    attribute: str = ""

    def to_json(self) -> dict[str, str]:
        """The error object; `status` is a string there, as in JSON:API and SignalWire's answers."""
        return {
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "status": str(self.status),
            "attribute": self.attribute,
        }


def fault(code: str, attribute: str, detail: str, status: int = 422) -> Fault:
    """A Fault with the title that belongs to its code."""
    return Fault(code, _TITLES[code], detail, status, attribute)


class Refused(Exception):
    """A command that is not carried out. `status` is the HTTP status of the answer; `faults` is never empty."""

    def __init__(self, status: int, faults: Sequence[Fault]) -> None:
        if not faults:
            raise ValueError("a refusal names at least one fault")
        self.status = status
        self.faults = tuple(faults[:MOST_FAULTS])
        if len(faults) > MOST_FAULTS:
            self.faults += (fault("too_many_faults", "", f"and {len(faults) - MOST_FAULTS} more faults", status),)
        super().__init__("; ".join(each.detail for each in self.faults))

    def to_json(self) -> dict[str, Any]:
        """`{"errors": [...]}` as the contract has it."""
        return {"errors": [each.to_json() for each in self.faults]}


def refused(status: int, code: str, attribute: str, detail: str) -> Refused:
    """The refusal for one fault."""
    return Refused(status, [fault(code, attribute, detail, status)])
