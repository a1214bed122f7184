"""The rows in which `recorder watch` tells of events."""

from collections.abc import Mapping
from typing import Any

from recorder.cli.printing import Column

COLUMNS = (
    Column("timestamp", "moment"),
    Column("line"),
    Column("state"),
    Column("recording_id", wide=True),
    Column("control_id"),
    Column("duration", "seconds"),
    Column("end_reason"),
)


def flat(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is told in one row: of a recording its state, of a line whether audio comes, and its troubles."""
    if "up" in event:
        return {**event, "state": "up" if event["up"] else "down"}
    row = {**event, **event.get("params", {})}
    if "trouble" in row:
        row["state"] = f"{row['trouble']} over" if row["state"] == "over" else row["trouble"]
    return row


def is_told_twice(event: Mapping[str, Any]) -> bool:
    """A line without audio is told of as `down` already."""
    return bool(event.get("params", {}).get("trouble") == "no_audio")
