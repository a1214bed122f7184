"""The parameters of a recording, and the reading of them from a hostile object."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from recorder.contract.bounds import CHECKS, TEXTS
from recorder.contract.faults import Fault, Refused, fault
from recorder.contract.fields import Fields
from recorder.contract.limits import HOW_TO_GET, Limits
from recorder.contract.quoting import listed
from recorder.contract.values import Check, spelled_out

Verb: TypeAlias = Literal["record_call", "record", "calling.record"]
Format: TypeAlias = Literal["wav", "mp3", "mp4"]
Direction: TypeAlias = Literal["speak", "listen", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a recording shall be, as far as its line can do it. Times are seconds, 0 = off; defaults are record_call's.

    `direction` and `stereo` say what will be in the file: on a line without listen, `both` has become `speak`, and
    only `both` is ever stereo. `terminators` is upper case, without repeats. `control_id` None: one is made up.
    """

    control_id: str | None = None
    stereo: bool = False
    format: Format = "wav"
    direction: Direction = "both"
    terminators: str = ""
    beep: bool = False
    input_sensitivity: float = 44.0
    initial_timeout: float = 0.0
    end_silence_timeout: float = 0.0
    max_length: float = 0.0
    status_url: str | None = None
    pre_roll: float = 0.0
    beep_interval: float = 0.0


_FOREGROUND = {"direction": "speak", "terminators": "#", "initial_timeout": 4.0}
# Where a verb's defaults are other than record_call's, from SignalWire's pages of the three.
VERB_DEFAULTS: Mapping[Verb, Mapping[str, Any]] = {
    "record_call": {},
    "record": {**_FOREGROUND, "end_silence_timeout": 5.0},
    "calling.record": {**_FOREGROUND, "end_silence_timeout": 0.5, "format": "mp3"},
}


def parse_parameters(
    verb: Verb,
    raw: object,
    *,
    line_defaults: Mapping[str, object] | None = None,
    limits: Limits,
    resolved: Collection[str] = (),
) -> Parameters:
    """The parameters of a verb on a line: what is given, else the line's defaults, else the verb's.

    `resolved` names the keys whose values came through text (a document's variables, a shell's options): there a
    string that spells a number or a boolean is one. Raises Refused (422) with every fault that there is.
    """
    faults: list[Fault] = []
    parameters = gather_parameters(
        verb, raw, faults, line_defaults=line_defaults or {}, limits=limits, resolved=resolved
    )
    if faults:
        raise Refused(422, faults)
    return parameters


def gather_parameters(
    verb: Verb,
    raw: object,
    faults: list[Fault],
    *,
    line_defaults: Mapping[str, object],
    limits: Limits,
    resolved: Collection[str] = (),
) -> Parameters:
    """As parse_parameters, but adds to `faults` what is wrong; the result means nothing if that was anything."""
    before = len(faults)
    fields = Fields(raw, faults, "params")
    given = _given(verb, fields, resolved)
    defaults = Fields(_of_the_line(verb, line_defaults), faults, "defaults")
    wanted = Parameters(**{**VERB_DEFAULTS[verb], **_given(verb, defaults), **given})
    wrong = {each.attribute for each in faults[before:]}
    faults.extend(each for each in _conflicts(verb, wanted, limits) if each.attribute not in wrong)
    fields.close({"control_id": "record waits for its end and takes none"} if verb == "record" else {})
    defaults.close()
    return _as_the_line_can(wanted, limits)


def _given(verb: Verb, fields: Fields, resolved: Collection[str] = ()) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, check in CHECKS.items():
        if verb == "record" and name == "control_id":
            continue
        spelled = name in resolved and name not in TEXTS
        value = fields.take(name, _spelled(check) if spelled else check, None)
        if value is not None:
            values[name] = value
    return values


def _spelled(check: Check[Any]) -> Check[Any]:
    return lambda value: check(spelled_out(value))


def _of_the_line(verb: Verb, line_defaults: Mapping[str, object]) -> dict[str, object]:
    """The line's defaults that this verb takes: a default must not make a plain `record` impossible."""
    own = dict(line_defaults)
    if verb == "record" and own.get("direction") == "both":
        del own["direction"]
    return own


def _conflicts(verb: Verb, wanted: Parameters, limits: Limits) -> Iterator[Fault]:
    """What is wrong with allowed values together, on this line, each on the attribute that a sender would change."""
    if wanted.format not in limits.formats:
        can = "; ".join([f"it can write {listed(limits.formats)}", *filter(None, [HOW_TO_GET.get(wanted.format)])])
        yield fault("unsupported", "format", f'format "{wanted.format}" can\'t be written by this installation; {can}')
    if verb == "record" and wanted.direction == "both":
        yield fault("invalid_parameter", "direction", 'direction must be "speak" or "listen" for record, not "both"')
    if wanted.direction == "listen" and not limits.listen:
        yield fault("unsupported", "direction", 'direction must be "speak" here, not "listen": the line has no listen')
    for name, asked in (("beep", wanted.beep), ("beep_interval", wanted.beep_interval > 0)):
        if asked and not limits.playback:
            yield fault("unsupported", name, f"{name} is not possible here: the line has no playback device")
    yield from _pre_roll_conflicts(wanted, limits.longest_pre_roll)


def _pre_roll_conflicts(wanted: Parameters, longest: float) -> Iterator[Fault]:
    asked = f"not {wanted.pre_roll:g}"
    if wanted.pre_roll > longest:
        why = "" if longest else ": pre_roll_max in the configuration is 0"
        yield fault("invalid_parameter", "pre_roll", f"pre_roll must be at most {longest:g} here, {asked}{why}")
    if wanted.pre_roll > 0 and wanted.beep:
        yield fault("conflicting_parameters", "pre_roll", f"pre_roll must be 0 where there is a beep, {asked}")
    if wanted.pre_roll >= wanted.max_length > 0:
        shorter = f"pre_roll must be shorter than max_length, {wanted.max_length:g} s, {asked}"
        yield fault("conflicting_parameters", "pre_roll", shorter)


def _as_the_line_can(wanted: Parameters, limits: Limits) -> Parameters:
    if wanted.direction == "both" and limits.listen:
        return wanted
    direction: Direction = "speak" if wanted.direction == "both" else wanted.direction
    return replace(wanted, direction=direction, stereo=False)
