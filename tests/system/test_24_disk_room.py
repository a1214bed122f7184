"""A disk that runs out of room, a real one: refusals below the reserve, ends at the floor, work when there is room."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.box import Box
from tests.fixtures.small_disk import MIB, SmallDisk, small_disk
from tests.noise import noise
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
HEADROOM, FLOOR = 24 * MIB, 16 * MIB


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        yield disk


@pytest.fixture
def box(tmp_path: Path, disk: SmallDisk) -> Iterator[Box]:
    """Recordings and database on the small disk."""
    wav = write_wav(tmp_path / "line.wav", noise(10 * RATE))
    places = {"recordings_dir": str(disk.path / "recordings"), "state_dir": str(disk.path / "state")}
    line = {"device": f"file:{wav}", "loop": True}
    with Box(tmp_path, {"front": line}, headroom_bytes=HEADROOM, floor_bytes=FLOOR, **places) as box:
        box.start("serve")
        box.start("capture")
        box.until_ready()
        yield box


def record(box: Box, **parameters: Any) -> dict[str, Any]:
    return box.ask({"line": "front", "record_call": parameters})


def disk_of(box: Box) -> dict[str, Any]:
    told: dict[str, Any] = requests.get(f"{box.http}/api/v1/health", timeout=10).json()["disk"]
    return told


def test_below_the_reserve_no_recording_begins_and_the_box_says_so(box: Box, disk: SmallDisk) -> None:
    disk.fill(HEADROOM - MIB)
    refused = record(box)
    assert (refused["code"], refused["errors"][0]["code"]) == (507, "insufficient_storage")
    assert "headroom_bytes" in refused["errors"][0]["detail"]
    told = until(lambda: (found := disk_of(box)).get("fault") and found, 10, "the fault")
    assert told["free_bytes"] < HEADROOM
    # What is free above the floor, at the 16,000 bytes/s of the one line.
    assert told["free_hours"] == pytest.approx((told["free_bytes"] - FLOOR) / 16_000 / 3600, abs=0.01)
    ready = requests.get(f"{box.http}/readyz", timeout=10)
    assert (ready.status_code, "disk: " in ready.text) == (503, True)
    disk.fill(HEADROOM + 2 * MIB)
    assert record(box, max_length=0.2)["code"] == 200
    box.until_ready()
    assert "fault" not in disk_of(box)


def test_at_the_floor_what_lives_ends_with_its_file_whole_and_the_box_goes_on(box: Box, disk: SmallDisk) -> None:
    running, paused = (record(box, control_id=name)["data"]["recording_id"] for name in ("running", "paused"))
    for recording_id in (running, paused):
        box.until_told(recording_id, lambda params: params["state"] == "recording")
    pause = {"line": "front", "command": "calling.record.pause", "params": {"control_id": "paused"}}
    assert box.ask(pause)["code"] == 200
    until(lambda: sum(file.stat().st_size for file in disk.path.rglob("*.part")) > 10_000, 10, "some audio")
    disk.fill(FLOOR - MIB)
    for recording_id in (running, paused):
        end = box.end_of(recording_id)
        assert (end["state"], end["end_reason"], end["error"]["code"]) == ("error", "disk_full", "disk_full")
        pcm = read_wav(next(disk.path.rglob(f"{recording_id}.wav")))
        assert len(pcm) // 2 == round(end["duration"] * RATE) > 0
        assert end["size"] == next(disk.path.rglob(f"{recording_id}.wav")).stat().st_size
    # The journal has it, and everything else works.
    kept = requests.get(f"{box.http}/api/v1/recordings?end_reason=disk_full", timeout=10).json()["recordings"]
    assert {each["recording_id"] for each in kept} == {running, paused}
    assert record(box)["code"] == 507
    assert box.ask({"line": "front", "command": "call", "params": {"call_id": "c", "state": "begin"}})["code"] == 200
    assert requests.delete(f"{box.http}/api/v1/recordings/{paused}", timeout=10).status_code == 204
    disk.fill(HEADROOM + 2 * MIB)
    again = box.until_ok({"line": "front", "record_call": {"max_length": 0.3}})["recording_id"]
    assert box.end_of(again)["duration"] == 0.3
    assert "Traceback" not in box.log("serve")
