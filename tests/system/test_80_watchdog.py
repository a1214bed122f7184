"""What stands still is noticed by the manager's watchdog, ended and started again; recordings go on."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box
from tests.fixtures.manager import Manager
from tests.noise import is_part_of, noise
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
SOURCE = noise(60 * RATE)
FAULTS = {"RECORDER_TEST_FAULTS": "1"}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    wav = write_wav(tmp_path / "line.wav", SOURCE)
    with Box(tmp_path, {"front": {"device": f"file:{wav}"}}) as box:
        yield box


def record(box: Box) -> str:
    recording_id: str = box.until_ok({"line": "front", "record_call": {}})["recording_id"]
    box.until_told(recording_id, lambda params: params["state"] == "recording")
    return recording_id


def stop(box: Box, recording_id: str) -> bytes:
    """Stop it; its audio, without a gap or a frame too many."""
    box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"], end["recovered"]) == ("finished", "stop_command", False)
    kept = read_wav(box.file_of(recording_id))
    assert round(end["duration"] * RATE) * 2 == len(kept)
    return kept


def break_it(box: Box, fault: str) -> None:
    """Send the fault; nobody waits for an answer, since a loop that stands still gives none."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(box.door))
        door.sendall(json.dumps({"fault": fault}).encode() + b"\n")


@pytest.mark.parametrize("fault", ["audio", "loop"])
def test_serve_that_stands_still_is_started_again_and_loses_no_frame(box: Box, fault: str) -> None:
    with Manager(box.folder, "recorder") as manager:
        serve = box.start("serve", {**manager.environ, **FAULTS})
        box.start("capture")
        manager.until_told("READY=1")
        recording_id = record(box)
        manager.until_told("WATCHDOG=1")
        break_it(box, fault)
        manager.until_starved()
        assert manager.give_up(serve) == -signal.SIGABRT
        box.start("serve", {**manager.environ, **FAULTS})
        manager.until_told("READY=1")
        manager.until_told("WATCHDOG=1")
        kept = stop(box, recording_id)
        assert is_part_of(kept, SOURCE)


def test_capture_that_stands_still_is_started_again_with_a_short_gap(box: Box) -> None:
    with Manager(box.folder, "recorder-capture") as manager:
        box.start("serve")
        capture = box.start("capture", manager.environ)
        manager.until_told("READY=1")
        recording_id = record(box)
        manager.until_told("WATCHDOG=1")
        os.kill(capture.pid, signal.SIGSTOP)
        manager.until_starved()
        assert manager.give_up(capture) == -signal.SIGABRT
        box.start("capture", manager.environ)
        manager.until_told("READY=1")
        until(lambda: any(told.startswith("STATUS=1 of 1 lines up") for told in list(manager.told)), 20, "the line")
        kept = stop(box, recording_id)
        end = box.end_of(recording_id)
        assert end["gap_count"] == 1
        assert end["gap_seconds"] < 5  # how soon capture is back, its own tests measure: this one shares the machine
        assert is_part_of(kept[: 2 * round(end["gaps"][0]["start"] * RATE)], SOURCE)


def test_a_dead_line_is_no_reason_to_end_the_others(box: Box) -> None:
    with Manager(box.folder, "recorder") as manager:
        box.start("serve", manager.environ)
        manager.until_told("READY=1")
        manager.until_said("0 of 1 lines up")
        manager.told.clear()
        manager.until_told("WATCHDOG=1")


def test_faults_can_be_made_only_where_tests_asked_for_it(box: Box) -> None:
    box.start("serve")
    box.start("capture")
    recording_id = record(box)
    assert box.ask({"fault": "loop"})["status"] == "error"
    assert is_part_of(stop(box, recording_id), SOURCE)
