"""What a capture child is told to do, as JSON."""

from dataclasses import asdict, dataclass
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

    def to_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        site = {**asdict(self.site), "directory": str(self.site.directory)}
        return {"site": site, "openings": [asdict(opening) for opening in self.openings]}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "CaptureJob":
        """What `to_json` gave."""
        site = fields["site"]
        openings = tuple(
            Opening(Source(tuple(LineSpec(**line) for line in each["source"]["lines"])), each["alias"], each["cause"])
            for each in fields["openings"]
        )
        return cls(Site(Path(site["directory"]), site["ring_seconds"], site["log_level"]), openings)
