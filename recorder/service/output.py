"""A file that a command is to make."""

import os
from pathlib import Path


def unwritable(output: Path, *, overwrite: bool) -> str | None:
    """Why the file can't be made; None if it seems that it can."""
    folder = output.absolute().parent
    if output.is_dir():
        return f"{output} is a directory"
    if output.exists() and not overwrite:
        return f"{output} is there already; --force replaces it"
    if output.exists() and not output.is_file():
        return f"{output} is no file"
    if not folder.is_dir():
        return f"{folder} is no directory"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} can't be written to"
    return None
