"""A sidecar read back from the disk, where anybody may have written: the recording that it tells of, checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, cast, get_args

from recorder.contract.bounds import CHECKS
from recorder.contract.events import ENDED, MOST_GAPS, EndReason, RecordingFacts
from recorder.contract.faults import Fault, Refused
from recorder.contract.fields import Fields
from recorder.contract.ids import call_id, control_id, line_id, node_id, owner_id, uuid
from recorder.contract.metadata import call_metadata
from recorder.contract.parameters import Direction, Format, Parameters
from recorder.contract.values import Unfit, boolean, mapping, number, one_of, sequence, text, whole

_LATEST_S = 253402300799.0  # the last second of the year 9999
_unix = number(0, _LATEST_S, "Unix seconds")
_length = number(0, 1e9, "seconds")
_exp = whole(0, int(_LATEST_S))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a sidecar tells. `event` is the last event, without its links; `exp` is when they expire, Unix seconds."""

    facts: RecordingFacts
    state: str
    end_reason: str
    started_at: float
    ended_at: float
    duration: float
    gaps: list[dict[str, float]]
    recovered: bool
    event: Mapping[str, Any]
    parameters: Mapping[str, Any]
    metadata: Mapping[str, str]
    exp: int | None


def parse_sidecar(raw: object, recording_id: str, format_: str) -> Kept:
    """The sidecar of the file with that name and suffix. Raises Refused with every fault."""
    faults: list[Fault] = []
    beside = Fields(raw, faults, "the sidecar")
    event: dict[object, object] = beside.need("event", mapping, {})
    given = Fields(event, faults, "event")
    params = Fields(event.get("params", {}), faults, "event.params")
    record = Fields(_inside(event, "params", "record"), faults, "event.params.record")
    audio = Fields(_inside(event, "params", "record", "audio"), faults, "event.params.record.audio")
    channel = given.need("event_channel", text(1, 256), "")
    facts = RecordingFacts(
        node_id=params.need("node_id", node_id, ""),
        line=params.need("line", line_id, ""),
        project_id=given.need("project_id", owner_id, ""),
        space_id=given.need("space_id", owner_id, ""),
        call_id=params.need("call_id", call_id, ""),
        control_id=params.need("control_id", control_id, ""),
        recording_id=params.need("recording_id", same_as(recording_id), ""),
        url=None,
        format=cast("Format", record.need("format", same_as(format_), "")),
        direction=cast("Direction", audio.need("direction", one_of(*get_args(Direction)), "")),
        stereo=audio.need("stereo", boolean, stand_in=False),
        document_run=channel.removeprefix("swml:") if channel.startswith("swml:") else None,
    )
    given.need("event_id", uuid, "")
    given.need("seq", whole(0, 1 << 31), 0)
    kept = Kept(
        facts=facts,
        state=params.need("state", one_of(*sorted(ENDED)), ""),
        end_reason=params.need("end_reason", one_of(*get_args(EndReason)), ""),
        started_at=params.need("start_time", _unix, 0.0),
        ended_at=params.need("end_time", _unix, 0.0),
        duration=params.need("duration", _length, 0.0),
        gaps=params.need("gaps", gaps, []),
        recovered=params.need("recovered", boolean, stand_in=False),
        event=cast("Mapping[str, Any]", event),
        parameters=beside.need("parameters", parameters, {}),
        metadata=beside.need("metadata", call_metadata, {}),
        exp=beside.take("exp", _exp, None),
    )
    if faults:
        raise Refused(422, faults)
    return kept


def parameters(value: object) -> dict[str, Any]:
    """What a recording was ordered with. Raises Unfit."""
    given = mapping(value)
    known = {field.name for field in fields(Parameters)}
    for name, each in given.items():
        if not isinstance(name, str) or name not in known:
            raise Unfit(f"an object of parameters, {', '.join(sorted(known))}")
        if each is not None:
            try:
                CHECKS[name](each)
            except Unfit as unfit:
                raise Unfit(f"parameters whose {name} is {unfit}") from unfit
    return cast("dict[str, Any]", dict(given))


def gaps(value: object) -> list[dict[str, float]]:
    """The gaps of an event, in file seconds. Raises Unfit."""
    listed = sequence(value)
    if len(listed) > MOST_GAPS:
        raise Unfit(f"at most {MOST_GAPS} gaps")
    found = []
    for each in listed:
        gap = mapping(each)
        if set(gap) != {"start", "duration"}:
            raise Unfit("gaps of start and duration")
        found.append({"start": _length(gap["start"]), "duration": _length(gap["duration"])})
    return found


def same_as(expected: str) -> Callable[[object], str]:
    """The check of what the file's name says too."""

    def check(value: object) -> str:
        if value != expected:
            raise Unfit(f'"{expected}", as the file\'s name says')
        return expected

    return check


def _inside(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
