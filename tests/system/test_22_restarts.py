"""What lives when the service ends: gone on with if it can be, else closed and told at the next start."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box
from tests.noise import is_part_of, noise
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
SOURCE = noise(60 * RATE)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    wav = write_wav(tmp_path / "line.wav", SOURCE)
    with Box(tmp_path, {"front": {"device": f"file:{wav}"}}) as box:
        box.start("serve")
        box.start("capture")
        yield box


def record(box: Box, seconds: float = 1.0, **parameters: object) -> str:
    """Begin a recording and wait until that much of it is on the disk."""
    recording_id: str = box.until_ok({"line": "front", "record_call": parameters})["recording_id"]
    part = box.folder / "recordings"
    until(
        lambda: any(p.stat().st_size > 44 + 2 * RATE * seconds for p in part.rglob(f"{recording_id}.wav.part")),
        10,
        "audio on the disk",
    )
    return recording_id


def reboot(box: Box) -> None:
    """What is in memory file systems is gone; the rest stays."""
    box.kill("capture")
    shutil.rmtree(box.folder / "run")
    shutil.rmtree(box.folder / "run-capture")


def test_a_restart_in_order_costs_no_audio(box: Box) -> None:
    recording_id = record(box)
    assert box.kill("serve", signal.SIGTERM) == 0
    box.start("serve")
    box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"], end["recovered"], end["gap_count"]) == (
        "finished",
        "stop_command",
        False,
        0,
    )
    assert is_part_of(read_wav(box.file_of(recording_id)), SOURCE)
    assert len(read_wav(box.file_of(recording_id))) == round(end["duration"] * RATE) * 2


@pytest.mark.parametrize(("number", "reason"), [(signal.SIGTERM, "shutdown"), (signal.SIGKILL, "interrupted")])
def test_a_reboot_closes_and_tells_what_was_live(box: Box, number: int, reason: str) -> None:
    recording_id = record(box)
    box.kill("serve", number)
    reboot(box)
    assert list((box.folder / "recordings").rglob("*.part"))
    box.start("serve")
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"], end["recovered"]) == ("finished", reason, True)
    kept = read_wav(box.file_of(recording_id))
    assert end["duration"] == len(kept) / 2 / RATE >= 1.0
    assert end["size"] == box.file_of(recording_id).stat().st_size
    assert is_part_of(kept, SOURCE)
    assert [event["seq"] for event in box.of(recording_id)] == [0, 1]
    beside = json.loads(box.file_of(recording_id).with_suffix(".json").read_text())
    assert beside["event"]["params"]["end_reason"] == reason


def test_a_recording_with_no_audio_on_the_disk_ends_as_error(box: Box) -> None:
    recording_id = record(box, seconds=0)
    box.kill("serve")
    reboot(box)
    [part] = (box.folder / "recordings").rglob("*.part")
    os.truncate(part, 0)
    box.start("serve")
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"], end["size"], "url" in end) == ("error", "interrupted", 0, False)
    assert not list((box.folder / "recordings").rglob(f"{recording_id}*"))


def test_a_part_that_no_database_knows_is_closed_all_the_same(box: Box) -> None:
    recording_id = record(box)
    box.kill("serve")
    reboot(box)
    shutil.rmtree(box.folder / "state")
    box.start("serve")
    until(lambda: list((box.folder / "recordings").rglob(f"{recording_id}.wav")), 10, "the file's final name")
    assert is_part_of(read_wav(box.file_of(recording_id)), SOURCE)


def test_a_second_service_on_the_same_database_is_refused(box: Box) -> None:
    box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})
    with Box(box.folder, {}) as second:
        assert second.start("serve").wait(20) == 75
    assert box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})


def test_a_line_whose_rate_changes_goes_on_with_a_new_ring(box: Box) -> None:
    recording_id = record(box)
    box.kill("capture")
    other = noise(60 * RATE, seed=2)
    write_wav(box.folder / "line.wav", other, rate=2 * RATE)
    box.start("capture")
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"]) == ("error", "device_lost")
    kept = read_wav(box.file_of(recording_id))
    assert is_part_of(kept, SOURCE)
    assert end["duration"] == len(kept) / 2 / RATE >= 1.0
    again = box.until_ok({"line": "front", "record_call": {"max_length": 0.5}})["recording_id"]
    assert box.end_of(again)["duration"] == 0.5
    assert is_part_of(read_wav(box.file_of(again)), other)


@pytest.mark.parametrize("unseen", [False, True])
def test_a_line_whose_ring_is_removed_goes_on_with_the_next_one(box: Box, *, unseen: bool) -> None:
    recording_id = record(box)
    ring = box.folder / "run-capture/front.ring"
    if unseen:
        box.process("serve").send_signal(signal.SIGSTOP)
    box.kill("capture")
    ring.unlink()
    if not unseen:
        until(lambda: "line front is down" in box.log("serve"), what="the missing ring")
    box.start("capture")
    until(ring.exists, what="the next ring")
    box.process("serve").send_signal(signal.SIGCONT)
    assert box.end_of(recording_id)["end_reason"] == "device_lost"
    again = box.until_ok({"line": "front", "record_call": {"max_length": 0.5}})["recording_id"]
    assert box.end_of(again)["duration"] == 0.5


def test_what_ended_before_a_kill_is_not_live_after_it(box: Box) -> None:
    for attempt in range(4):
        for _ in range(2):
            box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
        endless = box.until_ok({"line": "front", "record_call": {"control_id": f"endless-{attempt}"}})
        box.kill("serve")
        box.start("serve")
        stopped = box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
        assert stopped["recording_id"] == endless["recording_id"]
        assert box.end_of(endless["recording_id"])["end_reason"] == "stop_command"
