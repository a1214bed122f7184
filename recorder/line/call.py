"""A call: a stretch of time on a line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Call:
    """One live call. `made_up`: begun by a recording on an idle line, and ending with its last live one."""

    call_id: str
    begin_frame: int  # by the line's clock
    since: float  # Unix s
    made_up: bool
    project_id: str = ""
    space_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def begun(cls, frame: int, body: Mapping[str, Any], live: Self | None) -> Self:
        """The call that an input begins at `frame`; of the live one, what it carries from now on."""
        call = cls.load({**body, "begin_frame": frame})
        if live is None or live.call_id != call.call_id:
            return call
        return replace(call, begin_frame=live.begin_frame, since=live.since)

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return asdict(self)

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Self:
        """The call that `save` wrote."""
        return cls(**state)
