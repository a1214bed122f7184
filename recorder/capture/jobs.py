"""What a parent tells its children to do, as the line of JSON on their stdin."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recorder.capture.spec import Cause, LineSpec, Site, Source


@dataclass(frozen=True, slots=True)
class Opening:
    """A source to open: a device by its alias in the child's ALSA configuration, or a file."""

    source: Source
    alias: str
    cause: Cause  # why frames are missing before its first


@dataclass(frozen=True, slots=True)
class CaptureJob:
    """The sources of one capture child."""

    site: Site
    openings: tuple[Opening, ...]
    parent: int = field(default_factory=os.getpid)

    def to_json(self) -> bytes:
        """One line."""
        return json.dumps(asdict(self), default=str).encode() + b"\n"

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "CaptureJob":
        """What `to_json` wrote, parsed."""
        site = fields["site"]
        openings = tuple(
            Opening(Source(tuple(LineSpec(**line) for line in each["source"]["lines"])), each["alias"], each["cause"])
            for each in fields["openings"]
        )
        return cls(Site(Path(site["directory"]), site["ring_seconds"], site["log_level"]), openings, fields["parent"])
