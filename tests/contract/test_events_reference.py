"""docs/events.md and docs/commands.md say what the code says."""

import re
from pathlib import Path
from typing import get_args

from recorder.contract.events import Ending, EndReason, RecordingFacts, record_event
from recorder.contract.readers import READERS

DOCS = Path(__file__).parents[2] / "docs"
EVENTS, COMMANDS = (DOCS / "events.md").read_text(), (DOCS / "commands.md").read_text()
FACTS = RecordingFacts(
    node_id="box",
    line="front",
    project_id="p",
    space_id="",
    call_id="c",
    control_id="c-1",
    recording_id="01a20971-b7aa-79d3-842d-59de9f9a03cb",
    url="https://box/",
    format="wav",
    direction="both",
    stereo=False,
)


def first_cells(text):
    """The words in backticks that stand in the first cell of a table's row."""
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def event(state, reason=None, behavior=None):
    ending = reason and Ending(end_reason=reason, duration=1.0, size=1, start_time=0.0, end_time=1.0, digit="#")
    return record_event(
        FACTS, seq=0, state=state, timestamp=0.0, clock_synced=True, pause_behavior=behavior, ending=ending
    )


def test_reference_lists_every_field():
    told = [event("paused", behavior="skip"), event("finished", "terminator"), event("error", "disk_full")]
    fields = {name for each in told for name in (*each, *each["params"])} - {"params"}
    assert fields | set(get_args(EndReason)) | {"end_reason"} == first_cells(EVENTS)


def test_reference_lists_every_command():
    assert set(READERS) == {name for name in first_cells(COMMANDS) if not name.isupper()}
