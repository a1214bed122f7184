"""The reading of a command, in any of the three forms in which it may come, from a hostile value."""

from collections.abc import Mapping
from typing import Any

from recorder.contract.commands import Command
from recorder.contract.documents import DOCUMENT_VERBS, document_of, lone_verb
from recorder.contract.faults import Fault, Refused, fault
from recorder.contract.fields import Fields
from recorder.contract.ids import call_id, command_id
from recorder.contract.limits import Limits
from recorder.contract.quoting import shown, suggestion
from recorder.contract.readers import READERS, Reading
from recorder.contract.values import Unfit, anything, number, text

# Unix seconds up to the year 5138: more is milliseconds by mistake, a deadline that would never pass.
_LATEST_DEADLINE = 1e11
_MOST_TRANSACTION = 256  # characters
# Checks of every command, made once.
_deadline = number(0, _LATEST_DEADLINE, "Unix seconds")
_short_text, _exact_number = text(0, _MOST_TRANSACTION), number(-(2.0**53), 2.0**53)


def parse_command(raw: object, *, limits: Limits, line_defaults: Mapping[str, object] | None = None) -> Command:
    """The command that an envelope, a bare verb or a document of one verb stands for.

    `limits` and `line_defaults` are those of the line that the topic, the route or the id names, so that one refusal
    holds every fault. Raises Refused (422).
    """
    faults: list[Fault] = []
    fields = Fields(document_of(raw), faults, "")
    about = _envelope(fields)
    verb, params = _verb_and_params(fields, faults)
    fields.close()
    params = _command_id_out_of(params, about, faults)
    if not verb:
        raise Refused(422, faults)
    reading = Reading(params, faults, limits, line_defaults or {}, {"verb": verb, **about})
    command = READERS[verb](reading)
    if faults:
        raise Refused(422, faults)
    return command


def transaction_of(raw: object) -> str | float | None:
    """The transaction of a command that may be wrong elsewhere, to be echoed; None: it has none that may be."""
    document = document_of(raw)
    try:
        return _transaction(document.get("transaction")) if isinstance(document, dict) else None
    except Unfit:
        return None


def command_id_of(raw: object) -> str | None:
    """The command_id of a command whose params may have any faults, from where parse_command reads it.

    None if it has none, and where the envelope has a fault: such a command is refused, whatever came before it.
    """
    faults: list[Fault] = []
    fields = Fields(document_of(raw), faults, "")
    about = _envelope(fields)
    if faults:
        return None
    outer: str | None = about["command_id"]
    _command_id_out_of(_verb_and_params(fields, [])[1], about, [])
    return outer or about["command_id"]


def _envelope(fields: Fields) -> dict[str, Any]:
    return {
        "id": fields.take("id", call_id, None),
        "command_id": fields.take("command_id", command_id, None),
        "transaction": fields.take("transaction", _transaction, None),
        "deadline": fields.take("deadline", _deadline, None),
    }


def _transaction(value: object) -> str | float:
    if isinstance(value, str):
        return _short_text(value)
    try:
        _exact_number(value)
    except Unfit as unfit:
        raise Unfit(f"a number or a string of at most {_MOST_TRANSACTION} printable characters") from unfit
    return value  # type: ignore[return-value]  # because it goes back as it came, and _exact_number has judged it


def _verb_and_params(fields: Fields, faults: list[Fault]) -> tuple[str, object]:
    """("", {}) when there is no command to be found; then a fault says so."""
    if "command" in fields:
        return _known_verb(fields.take("command", anything, ""), faults), fields.take("params", anything, {})
    if "sections" in fields or "version" in fields:
        return lone_verb(fields, faults)
    given = [verb for verb in DOCUMENT_VERBS if verb in fields]
    bodies = [fields.take(verb, anything, {}) for verb in DOCUMENT_VERBS]
    if len(given) == 1:
        return given[0], bodies[DOCUMENT_VERBS.index(given[0])]
    if given:
        detail = f"{' and '.join(given)} stand side by side: send one command at a time"
        faults.append(fault("conflicting_parameters", "command", detail))
    elif "action" in fields:
        fields.take("action", anything, [])
        fields.take("response", anything, "")
        detail = "a FunctionResult is taken with one SWML document in its action, and its response alone beside that"
        faults.append(fault("unsupported", "action", detail))
    else:
        faults.append(fault("missing_parameter", "command", "no command, verb or document is given"))
    return "", {}


def _known_verb(name: object, faults: list[Fault]) -> str:
    if isinstance(name, str) and name in READERS:
        return name
    known = suggestion(name, READERS) or f"; known are {', '.join(READERS)}"
    faults.append(fault("unknown_command", "command", f"{shown(name)} is no command{known}"))
    return ""


def _command_id_out_of(params: object, about: dict[str, Any], faults: list[Fault]) -> object:
    """The params without a command_id, which may stand there as well as in the envelope."""
    if not isinstance(params, dict) or "command_id" not in params:
        return params
    inner = Fields({"command_id": params["command_id"]}, faults, "params").take("command_id", command_id, None)
    if inner is not None and about["command_id"] not in {None, inner}:
        detail = "command_id stands twice, in the envelope and in params, with two values"
        faults.append(fault("conflicting_parameters", "command_id", detail))
    about["command_id"] = inner
    return {key: value for key, value in params.items() if key != "command_id"}
