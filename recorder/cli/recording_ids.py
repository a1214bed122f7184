"""Recordings named among the arguments."""

import argparse
import re

_RECORDING_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def recording_id(text: str) -> str:
    """A recording_id, as `recorder ls` prints them."""
    if not _RECORDING_ID.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError("must be a recording_id, as `recorder ls` prints them")
    return text.lower()


def path_of(recording_id: str) -> str:
    """Where the API tells of it."""
    return f"/api/v1/recordings/{recording_id}"
