"""A disk that goes away under a recording: made read-only by its file system, moved, or deleted."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.crash.decoding import FORMATS, LOSS_S, decoded
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

MIB = 1 << 20
LEAST_BYTES = {"wav": 24_000, "mp3": 2000, "mp4": 3000}  # more than is ever unsynced
AUDIO = {"direction": "speak", "initial_timeout": 0, "end_silence_timeout": 0, "terminators": ""}


class Loop:
    """An ext4 file system in a file, mounted."""

    def __init__(self, file: Path, place: Path) -> None:
        self.file, self.place = file, place
        file.touch()
        os.truncate(file, 64 * MIB)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(file)], check=True)
        place.mkdir()

    def mount(self) -> None:
        made = subprocess.run(
            ["mount", "-o", "loop", str(self.file), str(self.place)], capture_output=True, check=False
        )
        if made.returncode != 0:
            pytest.skip(f"no file can be mounted here: {made.stderr.decode().strip()}")

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.place)], check=True, capture_output=True)

    def fall_read_only(self) -> None:
        """What ext4 does by itself when its disk fails (errors=remount-ro)."""
        subprocess.run(["mount", "-o", "remount,abort", str(self.place)], check=True)


@contextmanager
def box_on(tmp_path: Path, recordings: Path) -> Iterator[Box]:
    wav = write_wav(tmp_path / "line.wav", noise(20 * 8000))
    line = {"device": f"file:{wav}", "loop": True}
    with Box(tmp_path, {"front": line}, recordings_dir=str(recordings)) as box:
        box.start("serve")
        box.start("capture")
        yield box


def begin(box: Box, recordings: Path) -> dict[str, str]:
    """Record in each format until so much stands on the disk; recording_ids by format."""
    box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
    started = {}
    for suffix in FORMATS:
        params = {"control_id": suffix, "audio": AUDIO | {"format": suffix}}
        started[suffix] = box.until_ok({"line": "front", "command": "calling.record", "params": params})["recording_id"]
    least = {f"{recording_id}.{suffix}.part": LEAST_BYTES[suffix] for suffix, recording_id in started.items()}
    until(
        lambda: all(any(p.stat().st_size > size for p in recordings.rglob(part)) for part, size in least.items()),
        10,
        "audio on the disk",
    )
    return started


def works_again(box: Box) -> None:
    again = box.until_ok({"line": "front", "record_call": {"max_length": 0.3}})["recording_id"]
    end = box.end_of(again)
    assert (end["end_reason"], end["duration"]) == ("max_length", 0.3)
    assert "Traceback" not in box.log("serve")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_file_system_that_falls_read_only_ends_recordings_and_keeps_what_was_synced(tmp_path: Path) -> None:
    loop = Loop(tmp_path / "disk.img", tmp_path / "disk")
    loop.mount()
    recordings = loop.place / "recordings"
    recordings.mkdir()
    try:
        with box_on(tmp_path, recordings) as box:
            started = begin(box, recordings)
            loop.fall_read_only()
            ends = {suffix: box.end_of(recording_id) for suffix, recording_id in started.items()}
            refused = box.ask({"line": "front", "record_call": {}})
            if refused["code"] == 200:  # it looks well until something is written
                failed = box.end_of(refused["data"]["recording_id"])
                assert (failed["state"], failed["end_reason"]) == ("error", "start_failed")
            until(lambda: not opened_below(box, loop.place), what="no file open on it")
            loop.unmount()
            loop.mount()
            works_again(box)
            box.kill("serve")
            box.start("serve")
            box.until_ready()
        for suffix, end in ends.items():
            assert (end["state"], end["end_reason"]) == ("error", "write_error")
            [file] = recordings.rglob(f"{started[suffix]}.{suffix}")
            sounds = decoded(file.read_bytes(), suffix)
            assert sounds.complaints == ""
            assert end["duration"] - LOSS_S[suffix] <= sounds.seconds <= end["duration"] + sounds.tolerance_s
        assert not list(recordings.rglob("*.part"))
    finally:
        loop.unmount()


def opened_below(box: Box, place: Path) -> list[str]:
    fds = Path(f"/proc/{box.process('serve').pid}/fd").iterdir()
    return [target for fd in fds if (target := read_link(fd)).startswith(f"{place}/")]


def read_link(path: Path) -> str:
    try:
        return str(path.readlink())
    except FileNotFoundError:
        return ""


@pytest.mark.parametrize("going", ["deleted", "moved"])
def test_a_recordings_directory_that_goes_away_ends_recordings(tmp_path: Path, going: str) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    with box_on(tmp_path, recordings) as box:
        started = begin(box, recordings)
        if going == "deleted":
            shutil.rmtree(recordings)
        else:
            recordings.rename(tmp_path / "moved")
        for recording_id in started.values():
            ends(box.end_of(recording_id))
        refused = box.ask({"line": "front", "record_call": {}})
        assert (refused["code"], refused["errors"][0]["code"]) == (507, "insufficient_storage")
        recordings.mkdir()
        works_again(box)
    if going == "moved":
        for suffix, recording_id in started.items():
            [part] = (tmp_path / "moved").rglob(f"{recording_id}.{suffix}*")
            assert decoded(part.read_bytes(), suffix).seconds > 0.1


def ends(end: dict[str, Any]) -> None:
    """Told as a fault of the disk, and that nothing was kept."""
    assert (end["state"], end["end_reason"], end["error"]["code"]) == ("error", "write_error", "write_error")
    assert (end["size"], end["duration"], "url" in end) == (0, 0, False), json.dumps(end)
