"""The directories of a box: where serve works, and where capture does."""

import os
from contextlib import suppress
from pathlib import Path

from recorder.config.model import Config

DATABASE = "recorder.db"  # in state_dir


def capture_directory(config: Config) -> Path:
    """Capture's runtime directory, beside ours."""
    return config.runtime_dir.with_name(config.runtime_dir.name + "-capture")


def make_directories(config: Config) -> None:
    """Make what serve writes to. OSError names what can't be made."""
    for directory in (config.state_dir, config.recordings_dir, config.runtime_dir):
        with suppress(FileExistsError):  # which is how a lock that another holds is told
            directory.mkdir(mode=0o750, parents=True)
        if not directory.is_dir():
            raise NotADirectoryError(f"{directory} is no directory, or a link to none")
        if not os.access(directory, os.W_OK | os.X_OK):
            raise PermissionError(f"{directory} can't be written to")
