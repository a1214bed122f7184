"""Section 4's table: the payload of an event."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.contract.events import ENDED, Ending, RecordingFacts, event_bytes, record_event
from recorder.contract.ids import event_id, new_recording_id

RECORDING = "0193b3c0-5f00-7abc-8def-0123456789ab"


def facts(**more):
    return RecordingFacts(
        **{
            "node_id": "gw",
            "line": "desk",
            "project_id": "p",
            "space_id": "",
            "call_id": "call",
            "control_id": "ctl",
            "recording_id": RECORDING,
            "url": "http://gw/recordings/x.wav?exp=1&sig=2",
            "format": "wav",
            "direction": "both",
            "stereo": True,
            **more,
        }
    )


def ending(**more):
    return Ending(
        **{"end_reason": "stop_command", "duration": 2.5, "size": 40044, "start_time": 10.0, "end_time": 12.5, **more}
    )


def event(state="recording", **more):
    if state in ENDED:
        more.setdefault("ending", ending())
    if state == "paused":
        more.setdefault("pause_behavior", "skip")
    return record_event(
        more.pop("facts", facts()), **{"seq": 0, "state": state, "timestamp": 99.5, "clock_synced": True, **more}
    )


def nulls(value):
    if isinstance(value, dict):
        return any(nulls(each) for each in value.values())
    return value is None or (isinstance(value, list) and any(nulls(each) for each in value))


def test_recording_event_is_as_the_table_says():
    assert event(seq=0) == {
        "event_type": "calling.call.record",
        "event_channel": "recorder:gw/desk",
        "event_id": str(uuid.uuid5(uuid.UUID(RECORDING), "0")),
        "seq": 0,
        "timestamp": 99.5,
        "project_id": "p",
        "space_id": "",
        "params": {
            "call_id": "call",
            "node_id": "gw",
            "line": "desk",
            "control_id": "ctl",
            "recording_id": RECORDING,
            "state": "recording",
            "timestamp": 99.5,
            "clock_synced": True,
            "url": "http://gw/recordings/x.wav?exp=1&sig=2",
        },
    }


def test_event_of_a_document_names_its_run():
    assert event(facts=facts(document_run="r1"))["event_channel"] == "swml:r1"


def test_paused_event_has_its_behavior_and_no_record():
    params = event("paused", pause_behavior="silence")["params"]
    assert params["pause_behavior"] == "silence"
    assert "record" not in params


@pytest.mark.parametrize("state", sorted(ENDED))
def test_ended_event_has_record_and_the_end(state):
    params = event(state)["params"]
    assert params["record"] == {
        "url": facts().url,
        "duration": 2.5,
        "size": 40044,
        "format": "wav",
        "audio": {"format": "wav", "direction": "both", "stereo": True},
    }
    assert (params["duration"], params["size"], params["start_time"], params["end_time"]) == (2.5, 40044, 10.0, 12.5)
    assert (params["gaps"], params["gap_count"], params["gap_seconds"]) == ([], 0, 0.0)
    assert params["degraded"] is params["recovered"] is False
    assert ("error" in params) == (state == "error")


def test_event_of_what_was_not_kept_has_no_url_and_no_size():
    params = event("no_input", ending=ending(end_reason="initial_timeout", kept=False, duration=4.0))["params"]
    assert "url" not in params
    assert "url" not in params["record"]
    assert (params["size"], params["record"]["size"], params["duration"]) == (0, 0, 4.0)


def test_digit_stands_with_a_terminator_only():
    assert event("finished", ending=ending(end_reason="terminator", digit="#"))["params"]["digit"] == "#"
    assert "digit" not in event("finished", ending=ending(digit="#"))["params"]


def test_gaps_are_listed_up_to_a_hundred_and_counted_all():
    gaps = [(float(n), 0.5) for n in range(150)]
    params = event("finished", ending=ending(gaps=gaps, gap_count=150, gap_seconds=75.0))["params"]
    assert len(params["gaps"]) == 100
    assert params["gaps"][99] == {"start": 99.0, "duration": 0.5}
    assert (params["gap_count"], params["gap_seconds"], params["degraded"]) == (150, 75.0, True)


def test_error_has_code_and_a_printable_message():
    params = event("error", ending=ending(end_reason="disk_full", message="no\nspace \udcff"))["params"]
    assert params["error"] == {"code": "disk_full", "message": "no space  "}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "finished", "ending": None},
        {"state": "recording", "ending": ending()},
        {"state": "paused", "pause_behavior": None},
        {"state": "recording", "pause_behavior": "skip"},
    ],
)
def test_event_that_does_not_fit_its_state_is_refused(wrong):
    with pytest.raises(ValueError, match="belongs to"):
        event(**wrong)


WIDE = st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=128)


@given(WIDE, WIDE, st.text(), st.integers(0, 300), st.sampled_from(sorted(ENDED)))
def test_any_event_is_small_and_without_null(call_id, control_id, message, gaps, state):
    end = ending(
        message=message * 100, gaps=[(n / 3, 1 / 7) for n in range(gaps)], gap_count=gaps, gap_seconds=gaps / 7
    )
    body = event(state, facts=facts(call_id=call_id, control_id=control_id), ending=end)
    assert not nulls(body)
    assert len(event_bytes(body)) < 64 * 1024
    assert json.loads(event_bytes(body)) == body


def test_event_id_is_one_per_recording_and_seq():
    other = new_recording_id()
    assert event_id(RECORDING, 1) == event_id(RECORDING, 1)
    assert len({event_id(name, seq) for name in (RECORDING, other) for seq in range(10)}) == 20


@given(st.lists(st.integers(0, 2**62), min_size=2, max_size=2, unique_by=lambda ns: ns // 1000))
def test_recording_ids_are_version_7_and_sort_by_time(moments):
    first, second = (new_recording_id(ns) for ns in sorted(moments))
    assert first < second
    assert uuid.UUID(first).version == 7
    assert uuid.UUID(first).variant == uuid.RFC_4122
    assert uuid.UUID(first).int >> 80 == min(moments) // 1_000_000
