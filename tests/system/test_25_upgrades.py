"""A service that is stopped, upgraded or away for too long while recordings live: nothing that can be had is lost."""

import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recorder._dsp import RingReader
from recorder.line.checkpoint import LAYOUT, Checkpoint
from recorder.store.slots import StateFile
from tests.box import Box
from tests.noise import is_part_of, noise
from tests.system.stretches import missing, stretches
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
SOURCE = noise(120 * RATE)


def box_of(folder: Path, **settings: object) -> Box:
    folder.mkdir(exist_ok=True)
    box = Box(folder, {"front": {"device": f"file:{write_wav(folder / 'line.wav', SOURCE)}"}}, **settings)
    box.start("serve")
    box.start("capture")
    return box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with box_of(tmp_path) as box:
        yield box


def record(box: Box, seconds: float = 1.0, **parameters: object) -> str:
    """Begin a recording and wait until that much of it is on the disk."""
    recording_id: str = box.until_ok({"line": "front", "record_call": parameters})["recording_id"]
    grown(box, recording_id, seconds)
    return recording_id


def grown(box: Box, recording_id: str, seconds: float) -> None:
    size, recordings = 44 + 2 * RATE * seconds, box.folder / "recordings"
    until(lambda: any(p.stat().st_size > size for p in recordings.rglob(f"{recording_id}.wav.part")), 20, "audio")


def stop(box: Box, recording_id: str) -> dict[str, Any]:
    box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    return box.end_of(recording_id)


def size_of(box: Box, recording_id: str) -> float:
    """Seconds in the part."""
    [part] = (box.folder / "recordings").rglob(f"{recording_id}.wav.part")
    return (part.stat().st_size - 44) / 2 / RATE


def check_whole(box: Box, recording_id: str, end: dict[str, Any]) -> None:
    """It was stopped by command, and not a frame is missing in it or stands in it twice."""
    assert (end["state"], end["end_reason"], end["recovered"], end["gap_count"]) == (
        "finished",
        "stop_command",
        False,
        0,
    )
    audio = read_wav(box.file_of(recording_id))
    assert is_part_of(audio, SOURCE)
    assert len(audio) == round(end["duration"] * RATE) * 2
    assert [event["params"]["state"] for event in box.of(recording_id)] == ["recording", "finished"]


def another_version(box: Box, change: Callable[[Checkpoint], bytes]) -> None:
    """Leave a checkpoint as another version of the service would have."""
    state = StateFile(box.folder / "run/front.state")
    checkpoint = Checkpoint.decode(state.read())
    assert checkpoint is not None
    state.write(change(checkpoint))
    state.close()


def with_another_ear(checkpoint: Checkpoint) -> bytes:
    payload = bytearray(checkpoint.encode())
    struct.pack_into("<I", payload, 4, 0xFFFF)
    return bytes(payload)


def without_additions(checkpoint: Checkpoint) -> bytes:
    """As it was before files had a tail and a track, by a gate that is laid out otherwise too."""
    for live in checkpoint.line["recordings"]:
        del live["tail"], live["track"]
        if live["gate"]:
            live["gate"] = live["gate"][4:]
    return with_another_ear(checkpoint)


@pytest.mark.parametrize("change", [with_another_ear, without_additions])
def test_an_upgrade_costs_no_audio(box: Box, change: Callable[[Checkpoint], bytes]) -> None:
    recording_id = record(box, 1.2, initial_timeout=3600)
    assert box.kill("serve", signal.SIGTERM) == 0
    another_version(box, change)
    box.start("serve")
    box.until_ready()
    check_whole(box, recording_id, stop(box, recording_id))
    assert "Traceback" not in box.log("serve")


def test_a_layout_that_is_not_known_closes_what_lived(box: Box) -> None:
    recording_id = record(box)

    def newer(checkpoint: Checkpoint) -> bytes:
        payload = bytearray(checkpoint.encode())
        struct.pack_into("<I", payload, 0, LAYOUT + 1)
        return bytes(payload)

    box.kill("serve", signal.SIGTERM)
    another_version(box, newer)
    box.start("serve")
    end = box.end_of(recording_id)
    assert (end["state"], end["end_reason"], end["recovered"]) == ("finished", "shutdown", True)
    assert is_part_of(read_wav(box.file_of(recording_id)), SOURCE)


def test_a_recording_that_is_not_understood_is_closed_and_the_others_go_on(box: Box) -> None:
    strange, plain = record(box), record(box)

    def of_another(checkpoint: Checkpoint) -> bytes:
        for live in checkpoint.line["recordings"]:
            if live["order"]["facts"]["recording_id"] == strange:
                live["machine"]["layout"] = 0
        return checkpoint.encode()

    box.kill("serve")
    another_version(box, of_another)
    box.start("serve")
    end = box.end_of(strange)
    assert (end["state"], end["end_reason"], end["recovered"]) == ("finished", "interrupted", True)
    check_whole(box, plain, stop(box, plain))


def test_capture_and_both_restarted_in_order_go_on_with_a_reported_gap(box: Box) -> None:
    recording_id = record(box)
    assert box.kill("capture", signal.SIGTERM) == 0
    box.start("capture")
    grown(box, recording_id, size_of(box, recording_id) + 3)
    assert box.kill("serve", signal.SIGTERM) == 0
    assert box.kill("capture", signal.SIGTERM) == 0
    box.start("capture")
    box.start("serve")
    box.until_ready()
    grown(box, recording_id, size_of(box, recording_id) + 1)
    end = stop(box, recording_id)
    assert (end["state"], end["end_reason"], end["recovered"], end["degraded"]) == (
        "finished",
        "stop_command",
        False,
        True,
    )
    gaps = [(round(gap["start"] * RATE), round(gap["duration"] * RATE)) for gap in end["gaps"]]
    between = missing(stretches(read_wav(box.file_of(recording_id)), SOURCE, 1))
    assert len(gaps) == end["gap_count"] == 2
    assert [(each.at, each.frames) for each in between] == gaps


def test_a_stop_that_outlasts_the_ring_ends_what_lived(tmp_path: Path) -> None:
    """One box is stopped in order, the other killed; of one of its recordings no audio reached the disk."""
    with (
        box_of(tmp_path / "stopped", ring_seconds=10, device_grace=5) as stopped,
        box_of(tmp_path / "killed", ring_seconds=10, device_grace=5) as killed,
    ):
        in_order, whole, nothing = record(stopped), record(killed), record(killed)
        assert stopped.kill("serve", signal.SIGTERM) == 0
        killed.kill("serve")
        next((killed.folder / "recordings").rglob(f"{nothing}.wav.part")).write_bytes(b"")
        for box in (stopped, killed):
            ring = RingReader(str(box.folder / "run-capture/front.ring"))
            head = ring.head
            until(lambda ring=ring, head=head: ring.oldest > head, 30, "the ring to be overwritten")
            ring.close()
            box.start("serve")
        for box, recording_id, reason in ((stopped, in_order, "shutdown"), (killed, whole, "interrupted")):
            end = box.end_of(recording_id)
            assert (end["state"], end["end_reason"], end["recovered"]) == ("finished", reason, True)
            audio = read_wav(box.file_of(recording_id))
            assert is_part_of(audio, SOURCE)
            assert end["duration"] == len(audio) / 2 / RATE >= 1
        end = killed.end_of(nothing)
        assert (end["state"], end["end_reason"], end["recovered"]) == ("error", "interrupted", True)
        assert (end["size"], "url" in end) == (0, False)
