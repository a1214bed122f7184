"""What was ordered: everything about a recording that is fixed when its command is taken."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from recorder.contract.events import RecordingFacts
from recorder.contract.parameters import Parameters
from recorder.line.box import LineSettings
from recorder.recording.plan import Plan, frames_of


@dataclass(frozen=True, slots=True)
class Order:
    """The recording's facts and parameters, and what its call carried last, which goes into the sidecar only."""

    facts: RecordingFacts
    parameters: Parameters
    metadata: Mapping[str, str]

    def plan(self, rate: int, settings: LineSettings) -> Plan:
        """What its machine needs to know, on a line of that rate."""
        cap, keep = frames_of(settings.cap_s, rate), settings.keep_no_input
        return Plan.of(self.parameters, rate, cap_frames=cap, keep_no_input=keep)

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return asdict(self)

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Self:
        """The order that `save` wrote."""
        return cls(RecordingFacts(**state["facts"]), Parameters(**state["parameters"]), state["metadata"])
