"""Recordings named among the arguments."""

import argparse

from recorder.contract import ids
from recorder.contract.values import Unfit


def recording_id(text: str) -> str:
    """A recording_id, as `recorder ls` prints them."""
    try:
        return ids.recording_id(text.lower())
    except Unfit as unfit:
        raise argparse.ArgumentTypeError(f"must be {unfit}, as `recorder ls` prints them") from None


def path_of(recording_id: str) -> str:
    """Where the API tells of it."""
    return f"/api/v1/recordings/{recording_id}"
