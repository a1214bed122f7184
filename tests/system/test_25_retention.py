"""Recordings that are erased by and by, and those that are held: over HTTP, from the shell, and by bounds."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.box import Box
from tests.fixtures.small_disk import MIB, SmallDisk, small_disk
from tests.system.api import box_of, fault
from tests.waiting import until

SIZE = 44 + 3200  # of 0.2 s


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        yield disk


def recorded(box: Box, **parameters: object) -> str:
    name: str = box.until_ok({"line": "front", "record_call": {"max_length": 0.2, **parameters}})["recording_id"]
    box.end_of(name)
    return name


def listed(box: Box, query: str = "") -> list[str]:
    page = requests.get(f"{box.http}/api/v1/recordings?{query}", timeout=10).json()["recordings"]
    return [each["recording_id"] for each in page]


def shell(box: Box, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recorder", *arguments, "--config", str(box.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_held_recording_is_erased_by_nobody_until_it_is_released(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        name = recorded(box)
        at = f"{box.http}/api/v1/recordings/{name}"
        held = requests.put(f"{at}/hold", timeout=10)
        assert (held.status_code, held.json()["held"], held.json()["held_at"] > 0) == (200, True, True)
        refused = requests.delete(at, timeout=10)
        assert fault(refused) == (409, "conflict", "id")
        assert fault(requests.delete(f"{box.http}/api/relay/rest/recordings/{name}", timeout=10))[0] == 409
        assert shell(box, "rm", name).returncode == 1
        assert listed(box, "held=true") == [name]
        assert listed(box, "held=false") == []
        released = shell(box, "hold", "--release", name)
        assert (released.returncode, released.stdout) == (0, f"{name}\treleased\n")
        assert "held_at" not in requests.get(at, timeout=10).json()
        beside = box.file_of(name).with_suffix(".track")
        beside.write_bytes(b"of another room")
        assert requests.delete(at, timeout=10).status_code == 204
        assert not beside.exists()
        assert fault(requests.put(f"{at}/hold", timeout=10))[0] == 404


def test_the_oldest_go_and_leave_what_they_were_and_why(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        first, second, third = (recorded(box) for _ in range(3))
        assert shell(box, "hold", first).returncode == 0
        box.kill("serve")
        with box.config.open("a") as file:
            file.write(f"[retention]\nmax_bytes = {2 * SIZE}\n")
        box.start("serve")
        box.until_ready()
        until(lambda: set(listed(box)) == {first, third}, 20, "the second to go")
        assert not list((tmp_path / "recordings").rglob(f"{second}*"))
        (left,) = requests.get(f"{box.http}/api/v1/recordings?erased=true", timeout=10).json()["recordings"]
        assert left["recording_id"] == second
        assert left["erased_why"] == "retention: retention.max_bytes"
        assert left["erased_at"] >= left["ended_at"]
        assert "metadata" not in left


def test_where_only_held_ones_are_left_the_box_says_so_and_refuses(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        first, second = recorded(box), recorded(box)
        for name in (first, second):
            requests.put(f"{box.http}/api/v1/recordings/{name}/hold", timeout=10)
        box.kill("serve")
        with box.config.open("a") as file:
            file.write(f"[retention.wav]\nmax_bytes = {SIZE}\n")
        box.start("serve")
        until(lambda: "only protected recordings are left" in box.log("serve"), 20, "the log's word")
        refused = until(
            lambda: (found := box.ask({"line": "front", "record_call": {}}))["code"] == 507 and found, 20, "a refusal"
        )
        assert "retention.wav.max_bytes can't be met" in refused["errors"][0]["detail"]
        assert requests.get(f"{box.http}/readyz", timeout=10).status_code == 503
        assert requests.delete(f"{box.http}/api/v1/recordings/{first}/hold", timeout=10).status_code == 200
        until(lambda: listed(box) == [second], 20, "the released one to go")
        box.until_ready()
        recorded(box)


def test_a_disk_short_of_room_gets_some_back(tmp_path: Path, disk: SmallDisk) -> None:
    places = {"recordings_dir": str(disk.path / "recordings"), "state_dir": str(disk.path / "state")}
    bounds = {"min_free_bytes": 30 * MIB}
    with box_of(tmp_path, headroom_bytes=20 * MIB, retention=bounds, **places) as box:
        names = [recorded(box) for _ in range(3)]
        kept = recorded(box)
        requests.put(f"{box.http}/api/v1/recordings/{kept}/hold", timeout=10)
        disk.fill(30 * MIB - 2 * SIZE)
        until(lambda: names[0] not in listed(box), 20, "the oldest to go")
        assert kept in listed(box)
        disk.fill(29 * MIB)
        until(lambda: listed(box) == [kept], 60, "all but the held one to go")
        assert disk.free() < 30 * MIB
