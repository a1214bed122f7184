"""What the writers tell the event loop about a recording's file."""

from dataclasses import dataclass
from pathlib import Path

from recorder.writers.errors import Reason


@dataclass(frozen=True, slots=True)
class Opened:
    """The file is there and plays, empty, or as an earlier process left it."""

    recording_id: str
    path: Path  # where it will be when it is whole


@dataclass(frozen=True, slots=True)
class Lost:
    """The ring overwrote these before they were written; the file has silence there."""

    recording_id: str
    file_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The file could not be written: told once, what is appended afterwards is dropped, and a CloseFile is awaited."""

    recording_id: str
    reason: Reason
    message: str
    frames: int  # in the file, from its beginning


@dataclass(frozen=True, slots=True)
class Closed:
    """The answer to each CloseFile, after a Failed where there is cause: the file has its exact length, on the disk."""

    recording_id: str
    frames: int
    size: int  # bytes
    path: Path | None  # None: nothing was kept; else where it will be once it is sealed


@dataclass(frozen=True, slots=True)
class Sealed:
    """The answer to each seal, after a Failed where there is cause: sidecar and file stand under their final names."""

    recording_id: str
    path: Path  # where the audio stands: the part, if the last rename failed


Report = Opened | Lost | Failed | Closed | Sealed
