"""A database that is lost: the catalogue comes back from what stands beside the recordings, and its links work."""

import subprocess
import sys
from pathlib import Path

import requests

from tests.box import Box
from tests.system.api import box_of
from tests.waiting import until


def rebuild(box: Box) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recorder", "store", "rebuild", "--config", str(box.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_recordings_and_their_links_are_back_after_the_database_was_lost(tmp_path: Path) -> None:
    with box_of(tmp_path) as box:
        whole = box.until_ok({"line": "front", "record_call": {"max_length": 0.5, "terminators": "#"}})
        end = box.end_of(whole["recording_id"])
        at = f"{box.http}/api/v1/recordings"
        before = requests.get(f"{at}/{whole['recording_id']}", timeout=10).json()
        assert rebuild(box).returncode == 75
        growing = box.until_ok({"line": "front", "record_call": {}})["recording_id"]
        parts = (tmp_path / "recordings").rglob
        until(lambda: any(part.stat().st_size > 8000 for part in parts("*.part")), 20, "some audio")
        box.kill("serve")
        for file in (tmp_path / "state").glob("recorder.db*"):
            file.unlink()
        (tmp_path / "run/front.state").unlink()
        done = rebuild(box)
        assert (done.returncode, done.stderr) == (0, "")
        assert "catalogued from sidecars: 1\n" in done.stdout
        box.start("serve")
        # What was growing is nobody's any more: closed, catalogued and told.
        told = box.end_of(growing)
        assert (told["recovered"], told["line"], told["state"]) == (True, "unknown", "finished")
        box.until_ready()
        after = requests.get(f"{at}/{whole['recording_id']}", timeout=10).json()
        assert {**after, "sha256": ""} == {**before, "sha256": ""}
        assert len(requests.get(end["url"], timeout=10).content) == end["size"]
        assert len(requests.get(told["url"], timeout=10).content) == told["size"]
        listed = requests.get(at, timeout=10).json()["recordings"]
        assert [each["recording_id"] for each in listed] == [growing, whole["recording_id"]]
