"""Format mp4 through the whole box: served while it grows, killed, picked up, left behind by a reboot."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen.mp4
import numpy as np
import pytest
import requests

from recorder.writers import formats
from recorder.writers.aac import PACKET_FRAMES
from recorder.writers.writer import Filing
from tests.box import Box
from tests.fixtures.ffmpeg import ffmpeg
from tests.speech import speech
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
SOURCE = speech(RATE, 60)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    wav = write_wav(tmp_path / "line.wav", SOURCE.tobytes())
    with Box(tmp_path, {"front": {"device": f"file:{wav}"}}) as box:
        box.start("serve")
        box.start("capture")
        yield box


def started(box: Box, format_: str) -> dict[str, Any]:
    return box.until_ok({"line": "front", "record_call": {"format": format_}})


def part_of(box: Box, recording_id: str) -> Path:
    (part,) = (box.folder / "recordings").rglob(f"{recording_id}.mp4.part")
    return part


def until_grown(box: Box, recording_id: str, size: int) -> None:
    until(lambda: part_of(box, recording_id).stat().st_size > size, 20, f"{size} bytes on the disk")


def encoded(folder: Path, frames: np.ndarray) -> bytes:
    """What one writer makes of these frames, its head aside."""
    writer = formats.writer("mp4", Filing(path=folder / "alone.mp4", rate=RATE, channels=1, most_frames=len(frames)))
    writer.open()
    writer.append(0, frames.tobytes())
    writer.close(len(frames))
    return fragments(writer.part.read_bytes())


def fragments(content: bytes) -> bytes:
    return content[content.index(b"moof") - 4 :]


def test_three_kills_leave_the_file_that_there_would_have_been_without(box: Box) -> None:
    beside, recording = started(box, "wav"), started(box, "mp4")
    recording_id = recording["recording_id"]
    for size in (3000, 9000, 20_000):  # about 1, 3 and 7 s
        until(lambda: list((box.folder / "recordings").rglob(f"{recording_id}.mp4.part")), 10, "the part")
        until_grown(box, recording_id, size)
        box.kill("serve")
        box.start("serve")
    ends = []
    for each in (recording, beside):
        box.until_ok({"line": "front", "command": "stop_record_call", "params": {"control_id": each["control_id"]}})
        ends.append(box.end_of(each["recording_id"]))
    end, wav_end = ends
    assert (end["state"], end["gap_count"], end["recovered"]) == ("finished", 0, False)
    heard = np.frombuffer(read_wav(box.file_of(beside["recording_id"])), np.int16)
    ahead = round((end["start_time"] - wav_end["start_time"]) * RATE)
    frames = heard[ahead : ahead + round(end["duration"] * RATE)]
    assert len(frames) / RATE == end["duration"] > 5
    content = box.file_of(recording_id, "mp4").read_bytes()
    assert len(content) == end["size"]
    assert fragments(content) == encoded(box.folder, frames)
    assert 0 <= len(ffmpeg(box.file_of(recording_id, "mp4"), 1)) - len(frames) < PACKET_FRAMES


def test_what_was_recorded_is_kept_and_told_where_pyav_has_gone_meanwhile(box: Box) -> None:
    recording_id = started(box, "mp4")["recording_id"]
    until(lambda: list((box.folder / "recordings").rglob(f"{recording_id}.mp4.part")), 10, "the part")
    until_grown(box, recording_id, 5000)
    box.kill("serve")
    hidden = box.folder / "without"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['av'] = None\n")
    box.start("serve", {"PYTHONPATH": str(hidden)})
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"]) == ("error", "write_error")
    assert "PyAV" in end["error"]["message"]
    file = box.file_of(recording_id, "mp4")
    assert (end["record"]["url"], end["size"]) == (end["url"], file.stat().st_size)
    assert len(ffmpeg(file, 1)) / RATE == pytest.approx(end["duration"], abs=2 * PACKET_FRAMES / RATE)
    assert end["duration"] > 1
    assert "Traceback" not in box.log("serve")
    box.kill("serve")
    box.start("serve")
    box.until_ready()
    assert file.stat().st_size == end["size"]


def test_a_service_loads_the_codecs_of_what_it_records_alone(box: Box) -> None:
    def loaded() -> set[str]:
        maps = Path(f"/proc/{box.process('serve').pid}/maps").read_text()
        return {name for name in ("lameenc", "libavcodec") if name in maps}

    for format_, codecs in (("wav", set()), ("mp3", {"lameenc"}), ("mp4", {"lameenc", "libavcodec"})):
        recording_id = box.until_ok({"line": "front", "record_call": {"format": format_, "max_length": 0.5}})
        assert box.end_of(recording_id["recording_id"])["end_reason"] == "max_length"
        assert loaded() == codecs


def test_a_growing_file_is_served_as_one_that_plays(box: Box, tmp_path: Path) -> None:
    recording = started(box, "mp4")
    answer = until(lambda: (got := requests.get(recording["url"], timeout=20)).ok and got, 20, "audio")
    assert answer.headers["Content-Type"] == "audio/mp4"
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(answer.content)
    told = mutagen.mp4.MP4(copy).info.length
    assert len(ffmpeg(copy, 1)) == round(told * RATE) > 0
    assert mutagen.mp4.MP4(copy).tags["----:com.apple.iTunes:recording_id"][0].decode() == recording["recording_id"]
    part = requests.get(recording["url"], headers={"Range": "bytes=0-99"}, timeout=20)
    assert (part.status_code, part.headers["Content-Range"]) == (206, "bytes 0-99/*")


def test_a_reboot_closes_and_tells_what_was_live(box: Box) -> None:
    recording_id = started(box, "mp4")["recording_id"]
    until(lambda: list((box.folder / "recordings").rglob(f"{recording_id}.mp4.part")), 10, "the part")
    until_grown(box, recording_id, 5000)
    box.kill("serve")
    box.kill("capture")
    for directory in ("run", "run-capture"):
        shutil.rmtree(box.folder / directory)
    with part_of(box, recording_id).open("ab") as part:
        part.write(bytes(100))  # what a power cut leaves behind a file
    box.start("serve")
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"], end["recovered"]) == ("finished", "interrupted", True)
    file = box.file_of(recording_id, "mp4")
    assert end["size"] == file.stat().st_size
    assert len(ffmpeg(file, 1)) / RATE == end["duration"] == mutagen.mp4.MP4(file).info.length > 1
