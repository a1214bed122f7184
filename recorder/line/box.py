"""What a line needs of the box around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from recorder.contract.limits import Limits
from recorder.line.journal import Journal
from recorder.writers.pool import WriterPool
from recorder.writers.writer import Codecs


class Sounds(Protocol):
    """Plays tones on a line's output device; what comes of it reaches the line as inputs beep_*."""

    def beep(self, line: str, recording_id: str) -> None:
        """Sound the tone that opens a recording."""

    def cut(self, line: str, recording_id: str) -> None:
        """Stop that tone."""

    def warn(self, line: str, frame: int) -> None:
        """Sound the tone that says that the call is recorded, due at `frame`; left out when that is long past."""


class Starter(Protocol):
    """Begins recordings that nobody commanded."""

    def speech_began(self, line: str, frame: int) -> None:
        """A line that records by voice is to begin at `frame`, which may be judged already."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """A line as configured. `limits` says of listen what may be; what is hangs on the source."""

    id: str
    limits: Limits
    defaults: Mapping[str, object]  # of a recording's parameters
    cap_s: float  # the longest recording
    device_grace_s: float
    keep_no_input: bool = False
    most_recordings: int = 16
    auto_record: Literal["off", "call", "voice"] = "off"


@dataclass(frozen=True, slots=True)
class Box:
    """The node and its workshops, shared by all lines."""

    node_id: str
    project_id: str
    space_id: str
    journal: Journal
    pool: WriterPool
    sounds: Sounds
    place: Callable[[str, float, str], Path]  # recording_id, Unix s of the first frame, suffix -> the file's path
    root: Path | None  # directories between it and a file are made
    link: Callable[[str, str], str | None]  # recording_id, suffix -> url
    clock_synced: Callable[[], bool]
    codecs: Codecs = field(default_factory=Codecs)
    replace: bool = True  # whether a file may take the place of another
    starter: Starter | None = None  # None: no line here records by voice
