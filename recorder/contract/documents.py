"""The one verb of an SWML document that may stand in place of an envelope."""

from recorder.contract.faults import Fault, fault
from recorder.contract.fields import MOST_UNKNOWN, Fields
from recorder.contract.quoting import listed, shown, shown_name
from recorder.contract.values import mapping, one_of, sequence

DOCUMENT_VERBS = ("record_call", "record", "stop_record_call", "stop_call_record")
_RUNS = f"a document of this version runs one {listed(DOCUMENT_VERBS)}"


def document_of(raw: object) -> object:
    """The document inside SignalWire's FunctionResult, `{"response", "action": [{"SWML": ...}]}`; else raw itself."""
    match raw:
        case {"action": [{"SWML": document}], **rest} if set(rest) <= {"response"}:
            return document
        case _:
            return raw


def lone_verb(document: Fields, faults: list[Fault]) -> tuple[str, object]:
    """(verb, its parameters) of a document whose section main holds that one verb; ("", {}) when there is a fault."""
    before = len(faults)
    document.take("version", one_of("1.0.0"), None)
    sections: dict[object, object] = document.need("sections", mapping, {})
    if len(faults) > before:
        return "", {}
    faults.extend(
        fault("unsupported", "sections", f'section "{shown_name(name)}" can\'t be run; {_RUNS}')
        for name in list(sections)[:MOST_UNKNOWN]
        if name != "main"
    )
    items: list[object] = Fields(sections, faults, "sections").need("main", sequence, [])
    verbs = [_verb(item, faults) for item in items[:MOST_UNKNOWN]]
    if len(items) != 1:
        faults.append(fault("unsupported", "sections", f"section main holds {len(items)} verbs; {_RUNS}"))
    return ("", {}) if len(faults) > before else verbs[0]


def _verb(item: object, faults: list[Fault]) -> tuple[str, object]:
    verb, body = _named(item)
    if verb not in DOCUMENT_VERBS:
        name = shown_name(verb)
        faults.append(fault("unknown_command", name, f'"{name}" can\'t be run; {_RUNS}'))
    return verb, body


def _named(item: object) -> tuple[str, object]:
    """`name` or `{name: parameters}`; anything else has a name that no verb has."""
    if isinstance(item, dict) and len(item) == 1:
        [(name, body)] = item.items()
        return (name, body) if isinstance(name, str) else (shown(name), {})
    return (item, {}) if isinstance(item, str) else (shown(item), {})
