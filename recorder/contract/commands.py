"""The commands of the one envelope, checked and complete; parse_command in recorder.contract.envelope reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from recorder.contract.parameters import Parameters

PauseBehavior: TypeAlias = Literal["skip", "silence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every command carries beside its parameters.

    `verb` is the name as the sender spelled it, so that the answer can name its out-variables; `id` the call that it
    is for (over HTTP it may be a line); `transaction` goes back in the answer as it came; `deadline` is in Unix
    seconds.
    """

    verb: str
    id: str | None = None
    command_id: str | None = None
    transaction: str | float | None = None
    deadline: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecording(Envelope):
    """record_call, record, calling.record."""

    parameters: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRecording(Envelope):
    """calling.record.pause: `skip` leaves the time out of the file, `silence` keeps it as silence."""

    control_id: str
    behavior: PauseBehavior = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRecording(Envelope):
    """calling.record.resume."""

    control_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecording(Envelope):
    """calling.record.stop, stop_record_call, stop_call_record; without control_id the call's youngest live one."""

    control_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigit(Envelope):
    """digit: one out-of-band DTMF digit, upper case."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginCall(Envelope):
    """call, state begin. project_id and space_id None: the configuration's."""

    call_id: str
    project_id: str | None = None
    space_id: str | None = None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall(Envelope):
    """call, state end."""

    call_id: str


Command: TypeAlias = StartRecording | PauseRecording | ResumeRecording | StopRecording | SendDigit | BeginCall | EndCall
