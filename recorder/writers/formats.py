"""The formats of a recording: the one place that knows which room of code writes, mends and reads which file.

A format is a module with the four functions of `Format`. What its name needs of other libraries is imported when a
file is opened, on a writer's thread: who records none of it carries none of it.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from recorder.writers import mp3, mp4, wav
from recorder.writers.errors import WriteError
from recorder.writers.layout import part_of
from recorder.writers.writer import Audio, Filing, Told, Writer


class Format(Protocol):
    """What a format's module has."""

    def writer(self, filing: Filing) -> Writer:
        """A Writer for that file, nothing opened yet."""

    def mend(self, path: Path, most_frames: int) -> Audio:
        """Cut the part of `path` to what is valid, let it tell so, bring it to the disk. WriteError.

        No frames, a part that is left as it is: there is no audio in it.
        """

    def look(self, path: Path) -> Audio:
        """What a file holds, by what it tells. OSError, ValueError: it is none."""

    def told(self, fd: int) -> Told:
        """What a growing file says of itself now."""


_FORMATS: dict[str, Format] = {"wav": wav, "mp3": mp3, "mp4": mp4}
# Seconds of a file that its encoder must hear again, before what is to come, when it is picked up after a kill.
_RUN_UP_S = {"wav": 0.0, "mp3": mp3.RUN_UP_S, "mp4": mp4.RUN_UP_S}


def names() -> tuple[str, ...]:
    """The formats, which are the suffixes of their files too."""
    return tuple(_FORMATS)


def run_up_s(name: str) -> float:
    """How much of the end of a file a writer that resumes wants to be given again, in seconds."""
    return _RUN_UP_S[name]


def writer(name: str, filing: Filing) -> Writer:
    """A Writer of that format."""
    return _FORMATS[name].writer(filing)


def mend(path: Path, most_frames: int = sys.maxsize) -> Audio:
    """As Format.mend, by the suffix of the final name."""
    return _of(path).mend(path, most_frames)


def left(path: Path, most_frames: int = sys.maxsize) -> Audio | None:
    """What an earlier process left of a file that can't be gone on with: mended, or else as it tells itself.

    None: nothing that can be read.
    """
    with suppress(WriteError):
        return mend(path, most_frames)
    for name in (part_of(path), path):
        with suppress(OSError, ValueError):
            return _of(path).look(name)
    return None


def look(path: Path) -> Audio:
    """As Format.look, by the suffix."""
    return _of(path).look(path)


def told(path: Path, fd: int) -> Told:
    """As Format.told, by the suffix of the final name."""
    return _of(path).told(fd)


def _of(path: Path) -> Format:
    return _FORMATS[path.suffix.removeprefix(".")]
