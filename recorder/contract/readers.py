"""For each command, the reading of its params."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from recorder.contract.bounds import CHECKS
from recorder.contract.commands import (
    BeginCall,
    Command,
    EndCall,
    PauseBehavior,
    PauseRecording,
    ResumeRecording,
    SendDigit,
    StartRecording,
    StopRecording,
)
from recorder.contract.faults import Fault
from recorder.contract.fields import Fields
from recorder.contract.ids import call_id, control_id, digit, owner_id
from recorder.contract.limits import Limits
from recorder.contract.metadata import call_metadata
from recorder.contract.parameters import Verb, gather_parameters
from recorder.contract.values import anything, mapping, one_of

_BESIDE_AUDIO = ("control_id", "status_url")  # of calling.record: all else of a recording stands in its audio


@dataclass(frozen=True, slots=True)
class Reading:
    """One command being read: its params, what is wrong so far, what its line can do, and its envelope's fields.

    A reader's command means nothing when it has added a fault.
    """

    params: object
    faults: list[Fault]
    limits: Limits
    line_defaults: Mapping[str, object]
    about: dict[str, Any]

    def fields(self) -> Fields:
        """The params, to be taken one by one."""
        return Fields(self.params, self.faults, "params")

    def start(self, verb: Verb, raw: object) -> StartRecording:
        """The start of a recording with these parameters."""
        parameters = gather_parameters(verb, raw, self.faults, line_defaults=self.line_defaults, limits=self.limits)
        return StartRecording(**self.about, parameters=parameters)


def _record_call(reading: Reading) -> Command:
    return reading.start("record_call", reading.params)


def _record(reading: Reading) -> Command:
    return reading.start("record", reading.params)


def _calling_record(reading: Reading) -> Command:
    fields = reading.fields()
    beside: dict[object, object] = {name: fields.take(name, anything, None) for name in _BESIDE_AUDIO if name in fields}
    audio = _audio(fields, reading.faults)
    fields.close({name: "it stands in audio" for name in CHECKS if name not in _BESIDE_AUDIO})
    return reading.start("calling.record", {**audio, **beside})


def _audio(fields: Fields, faults: list[Fault]) -> dict[object, object]:
    """Of `record: {audio}` or `audio`, the one that is there."""
    if "record" in fields and "audio" in fields:
        fields.refuse(
            "conflicting_parameters", "audio", "record and audio exclude each other: audio may stand in record"
        )
    audio: dict[object, object] = fields.take("audio", mapping, {})
    record: dict[object, object] | None = fields.take("record", mapping, None)
    if record is not None:
        inner = Fields(record, faults, "record")
        audio = inner.take("audio", mapping, {})
        inner.close()
    for name in _BESIDE_AUDIO:
        if name in audio:
            fields.refuse("unknown_parameter", name, f"{name} stands beside audio, not in it")
    return {name: value for name, value in audio.items() if name not in _BESIDE_AUDIO}


def _pause(reading: Reading) -> Command:
    fields = reading.fields()
    name = fields.need("control_id", control_id, "")
    behavior = fields.take("behavior", one_of("skip", "silence"), "skip")
    fields.close()
    return PauseRecording(**reading.about, control_id=name, behavior=cast("PauseBehavior", behavior))


def _resume(reading: Reading) -> Command:
    fields = reading.fields()
    name = fields.need("control_id", control_id, "")
    fields.close()
    return ResumeRecording(**reading.about, control_id=name)


def _stop(reading: Reading) -> Command:
    fields = reading.fields()
    name = fields.need("control_id", control_id, "")
    fields.close()
    return StopRecording(**reading.about, control_id=name)


def _stop_any(reading: Reading) -> Command:
    fields = reading.fields()
    name = fields.take("control_id", control_id, None)
    fields.close()
    return StopRecording(**reading.about, control_id=name)


def _digit(reading: Reading) -> Command:
    fields = reading.fields()
    pressed = fields.need("digit", digit, "")
    fields.close()
    return SendDigit(**reading.about, digit=pressed)


def _call(reading: Reading) -> Command:
    fields = reading.fields()
    name = fields.need("call_id", call_id, "")
    state = fields.need("state", one_of("begin", "end"), "begin")
    project_id = fields.take("project_id", owner_id, None)
    space_id = fields.take("space_id", owner_id, None)
    metadata = fields.take("metadata", call_metadata, {})
    fields.close()
    if state == "end":
        return EndCall(**reading.about, call_id=name)
    return BeginCall(**reading.about, call_id=name, project_id=project_id, space_id=space_id, metadata=metadata)


READERS: Mapping[str, Callable[[Reading], Command]] = {
    "record_call": _record_call,
    "record": _record,
    "calling.record": _calling_record,
    "calling.record.pause": _pause,
    "calling.record.resume": _resume,
    "calling.record.stop": _stop,
    "stop_record_call": _stop_any,
    "stop_call_record": _stop_any,
    "digit": _digit,
    "call": _call,
}
