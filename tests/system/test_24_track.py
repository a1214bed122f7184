"""The track beside a recording: true to its file, over kills, pauses and full disks, in the box and over HTTP."""

import array
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.speech import speech
from tests.tones import hiss, key_press
from tests.waiting import until
from tests.wav import read_wav, write_wav

RATE = 8000
VOICE = speech(RATE, 13.5).tobytes()
WORDS, OTHER_WORDS = (VOICE[2 * RATE * second :] for second in (8, 12))
SPEAK = hiss(0.5) + key_press("5") + hiss(0.4) + WORDS[: 3 * RATE] + hiss(0.5)
LISTEN = hiss(1.0, seed=5) + OTHER_WORDS[: 2 * RATE] + hiss(1.0, seed=6)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    frames = min(len(SPEAK), len(LISTEN)) // 2
    both = array.array("h", bytes(4 * frames))
    both[::2], both[1::2] = array.array("h", SPEAK[: 2 * frames]), array.array("h", LISTEN[: 2 * frames])
    wav = write_wav(tmp_path / "line.wav", both.tobytes(), channels=2)
    with Box(tmp_path, {"front": {"device": f"file:{wav}", "loop": True}}) as box:
        box.start("serve")
        box.start("capture")
        yield box


def begin(box: Box, **parameters: object) -> str:
    recording_id: str = box.until_ok({"line": "front", "record_call": parameters})["recording_id"]
    return recording_id


def grown(box: Box, recording_id: str, seconds: float, channels: int = 1) -> None:
    """Wait until that much of it is on the disk."""
    size = 44 + 2 * channels * RATE * seconds
    parts = box.folder / "recordings"
    until(lambda: any(p.stat().st_size > size for p in parts.rglob(f"{recording_id}.wav*")), 20, "audio on the disk")


def stop(box: Box, recording_id: str) -> dict[str, Any]:
    box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    return box.end_of(recording_id)


def track_of(box: Box, recording_id: str, query: str = "") -> dict[str, Any]:
    with urllib.request.urlopen(f"{box.http}/api/v1/recordings/{recording_id}/track{query}", timeout=10) as answer:
        return dict(json.load(answer))


def has_door(box: Box) -> bool:
    try:
        urllib.request.urlopen(f"{box.http}/healthz", timeout=5).close()
    except OSError:
        return False
    return True


def peaks_of(box: Box, recording_id: str, channels: int) -> list[list[list[int]]]:
    """What the peaks of the recording's file are."""
    samples = array.array("h", read_wav(box.file_of(recording_id)))
    window = RATE // 10
    parts = [samples[channel::channels] for channel in range(channels)]
    windows = [[part[at : at + window] for at in range(0, len(part), window)] for part in parts]
    return [[[min(each), max(each)] for each in one] for one in windows]


def control_of(box: Box, recording_id: str) -> dict[str, str]:
    return {"control_id": box.of(recording_id)[0]["params"]["control_id"]}


def steered(box: Box, recording_id: str, behavior: str) -> None:
    """Pause it and go on."""
    control = control_of(box, recording_id)
    seen = len(box.of(recording_id))
    for name, more in (("pause", {"behavior": behavior}), ("resume", {})):
        seen += 1
        box.until_ok({"line": "front", "command": f"calling.record.{name}", "params": {**control, **more}})
        until(lambda least=seen: len(box.of(recording_id)) >= least, 10, f"the {name}")


def test_a_track_is_true_to_its_file_over_kills_and_pauses(box: Box) -> None:
    stereo, mono = begin(box, stereo=True), begin(box)
    for seconds in (0.8, 1.6):
        grown(box, mono, seconds)
        box.kill("serve")
        box.start("serve")
    for recording_id in (stereo, mono):
        until(lambda each=recording_id: box.of(each), 10, "its first event")
        steered(box, recording_id, "skip")
        steered(box, recording_id, "silence")
    grown(box, mono, 4)
    for recording_id in (stereo, mono):
        box.until_ok({"line": "front", "command": "stop_record_call", "params": control_of(box, recording_id)})
    check_track(box, stereo, ["speak", "listen"])
    check_track(box, mono, ["both"])


def check_track(box: Box, recording_id: str, parties: list[str]) -> None:
    end, channels = box.end_of(recording_id), len(parties)
    track = track_of(box, recording_id)
    assert track["duration"] == end["duration"]
    assert [each["party"] for each in track["channels"]] == parties
    assert [each["peaks"] for each in track["channels"]] == peaks_of(box, recording_id, channels)
    assert {len(each["voice"]) for each in track["channels"]} == {round(end["duration"] * 100)}
    assert all(sum(p > 200 for p in each["voice"]) > 50 for each in track["channels"])
    assert [each["behavior"] for each in track["pauses"]] == ["skip", "silence"]
    assert track["gaps"] == []
    samples = array.array("h", read_wav(box.file_of(recording_id)))
    muted = track["pauses"][1]
    first, frames = (round(muted[name] * RATE) * channels for name in ("start", "duration"))
    assert not any(samples[first : first + frames])
    for digit in track["digits"]:
        assert (digit["digit"], digit["party"], digit["sent"]) == ("5", "speak", False)
        at = round(digit["at"] * RATE) * channels
        near = 0.02 * RATE * channels  # the tone's first frame is as the ear tells it
        if first - 2 * near < at < first:  # the pause cuts it off
            continue
        before = samples[max(0, int(at - 3 * near)) : max(0, int(at - near)) : channels]
        behind = samples[int(at + near) : int(at + 2 * near) : channels]
        assert max(map(abs, behind)) > 5 * max(map(abs, before), default=0)


def test_a_live_track_is_read_drawn_and_erased(box: Box) -> None:
    recording_id = begin(box)

    def is_there() -> dict[str, Any] | None:
        try:
            track = track_of(box, recording_id)
        except urllib.error.HTTPError:  # not yet
            return None
        return track if track["duration"] >= 2 else None

    track = until(is_there, 20, "2 s of track")
    assert track["duration"] == int(track["duration"])
    part = track_of(box, recording_id, "?from=1&to=2")
    assert (part["start"], part["channels"][0]["peaks"]) == (1, track["channels"][0]["peaks"][10:20])
    with pytest.raises(urllib.error.HTTPError, match="422"):
        track_of(box, recording_id, "?from=-1")
    box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    end = box.end_of(recording_id)
    command = [sys.executable, "-m", "recorder", "track", recording_id, "--url", box.http]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    head, *rest = map(json.loads, printed.splitlines())
    assert (head["recording_id"], head["duration"]) == (recording_id, end["duration"])
    seconds = [line for line in rest if "second" in line]
    assert [peak for line in seconds for peak in line["channels"][0]["peaks"]] == peaks_of(box, recording_id, 1)[0]
    digits = [line["digit"] for line in rest if "digit" in line]
    assert digits == track_of(box, recording_id)["digits"]
    path = box.file_of(recording_id, "track")
    request = urllib.request.Request(f"{box.http}/api/v1/recordings/{recording_id}", method="DELETE")
    urllib.request.urlopen(request, timeout=10).close()
    assert not path.exists()


def test_a_track_ends_with_its_audio_and_never_harms_it(box: Box) -> None:
    """A recording whose track can't be written, one that nobody speaks in, one that a power cut shortens."""
    harmless = begin(box, max_length=2.5)
    until(lambda: list((box.folder / "recordings").rglob("*.part")), 10, "the part")
    [part] = (box.folder / "recordings").rglob("*.part")
    part.with_name(f"{harmless}.track").mkdir()
    unheard = begin(box, initial_timeout=0.01, input_sensitivity=0, max_length=1)
    cut = begin(box)
    end = box.end_of(harmless)
    assert (end["state"], end["end_reason"], end["duration"]) == ("finished", "max_length", 2.5)
    assert "ends here" in box.log("serve")
    if box.end_of(unheard)["state"] == "no_input":
        assert not list((box.folder / "recordings").rglob(f"{unheard}*"))
    grown(box, cut, 2.5)
    box.kill("serve")
    (box.folder / "run/front.state").unlink()
    [part] = (box.folder / "recordings").rglob("*.part")
    os.truncate(part, 44 + 2 * (2 * RATE + 100))
    box.start("serve")
    end = box.end_of(cut)
    assert (end["end_reason"], end["duration"]) == ("interrupted", 2 + 100 / RATE)
    until(lambda: has_door(box), 20, "the door")
    track = track_of(box, cut)
    assert track["duration"] == 2
    assert track["channels"][0]["peaks"] == peaks_of(box, cut, 1)[0][:20]
