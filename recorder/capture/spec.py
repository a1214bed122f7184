"""What the capture process is told of a line, and of the place it works in."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

Cause: TypeAlias = Literal["restart", "device"]


@dataclass(frozen=True, slots=True)
class LineSpec:
    """One line: where its audio comes from and where its beeps go to."""

    id: str
    device: str  # "alsa:NAME" or "file:PATH"
    rate: int = 8000  # 0: the file's own (file lines only)
    channels: int = 1  # the device's; 0: the file's own (file lines only)
    speak: int = 0  # channel of the device, from 0
    listen: int | None = None
    playback: str | None = None  # "alsa:NAME"; None: the line can't be played to
    latency_s: float = 0.5  # what the device buffers: a freeze shorter than that loses nothing
    block_frames: int = 0  # 0: PortAudio's choice
    loop: bool = False  # file lines: from the start again at the end

    @property
    def is_file(self) -> bool:
        """Whether a WAV is played as the line."""
        return self.device.startswith("file:")

    @property
    def target(self) -> str:
        """The ALSA name or the file's path."""
        return self.device.partition(":")[2]

    @property
    def channel_map(self) -> tuple[int, ...]:
        """Device channels in the order of the ring's: speak, listen."""
        return (self.speak,) if self.listen is None else (self.speak, self.listen)


@dataclass(frozen=True, slots=True)
class Source:
    """One device, opened once for all its lines; or one file with its line."""

    lines: tuple[LineSpec, ...]

    @property
    def key(self) -> str:
        """What parent and child call it: the id of its first line."""
        return self.lines[0].id

    @property
    def spec(self) -> LineSpec:
        """Device, rate, channels, latency and block, in which all its lines agree."""
        return self.lines[0]


@dataclass(frozen=True, slots=True)
class Site:
    """Where and how the rings are kept."""

    directory: Path  # capture's own runtime directory
    ring_seconds: float
    log_level: str = "INFO"

    def ring_path(self, line_id: str) -> Path:
        """The line's ring file."""
        return self.directory / f"{line_id}.ring"

    def ring_frames(self, rate: int) -> int:
        """Capacity asked of a ring."""
        return round(self.ring_seconds * rate)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that `recorder capture` works on; as JSON it goes to a supervisor started by another program."""

    lines: tuple[LineSpec, ...]
    runtime_dir: str  # serve's; capture's is the same with "-capture" at the end
    ring_seconds: float = 30.0
    log_level: str = "INFO"
    starter: int = field(default=0, compare=False)  # the process that is to start capture and that it dies with

    def to_json(self) -> str:
        """One line of JSON, for a capture process that this process starts."""
        return json.dumps({**asdict(self), "starter": os.getpid()})

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """Raise ValueError, TypeError or KeyError for what `to_json` did not write."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**{**fields, "lines": tuple(LineSpec(**line) for line in fields["lines"])})

    @property
    def site(self) -> Site:
        """Capture's directory and ring length."""
        return Site(Path(f"{self.runtime_dir.rstrip('/')}-capture"), self.ring_seconds, self.log_level)


def sources_of(lines: tuple[LineSpec, ...]) -> list[Source]:
    """Group lines by device, in the order given; each file line stands alone."""
    groups: dict[str, list[LineSpec]] = {}
    for line in lines:
        groups.setdefault(f"{line.device} {line.id}" if line.is_file else line.device, []).append(line)
    return [Source(tuple(group)) for group in groups.values()]
