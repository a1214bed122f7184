"""What was asked of a recording is in its file in every format: decoded, it is held against what the line played.

One box, a line with a speaker for each format, every recording of a format at once.
"""

import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from recorder.contract.limits import FORMATS
from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.box import Box
from tests.damage import level_dbfs
from tests.fixtures.ffmpeg import ffmpeg
from tests.speech import speech
from tests.waiting import until
from tests.wav import read_wav

RATE = 8000
SOURCE = speech(RATE, 90, 2)  # speak, listen
NEAR = RATE // 10  # how far a start_time may be from the truth
PRE_ROLL_S = 2.0
LENGTH_S = 2.5
WARNED_S = 5.7  # a warning tone stands in it whole
CUT = RATE // 5  # on both sides of a pause's ends: what a codec smears, and the steps in which they are looked for
MORE_FRAMES = {"wav": 0, "mp3": 0, "mp4": 2 * 1024}  # that may come out behind the last one
DIRECTIONS = {
    "speak": {"direction": "speak"},
    "listen": {"direction": "listen"},
    "both": {"direction": "both"},
    "stereo": {"direction": "both", "stereo": True},
}


@dataclass
class Desk:
    """A line that is recorded in one format."""

    box: Box
    format: str
    line: AlsaLine
    speaker: AlsaSpeaker
    ids: dict[str, str] = field(default_factory=dict)  # of its recordings, by what they are for

    def record(self, name: str, **parameters: Any) -> None:
        order = {"format": self.format, "control_id": name, **parameters}
        self.ids[name] = self.box.until_ok({"line": self.format, "record_call": order}, 60)["recording_id"]

    def tell(self, verb: str, **params: Any) -> None:
        answer = self.box.ask({"line": self.format, "command": f"calling.record.{verb}", "params": params})
        assert answer["code"] == 200, answer

    def end(self, name: str) -> dict[str, Any]:
        return self.box.end_of(self.ids[name])

    def decoded(self, name: str) -> np.ndarray:
        """The frames of the file, the first of them those that the event tells of."""
        end = self.end(name)
        channels = 2 if end["record"]["audio"]["stereo"] else 1
        file = self.box.file_of(self.ids[name], self.format)
        if self.format == "wav":
            pcm = np.frombuffer(read_wav(file), np.int16).reshape(-1, channels)
        else:
            pcm = ffmpeg(file, channels)
        frames = round(end["duration"] * RATE)
        assert 0 <= len(pcm) - frames <= MORE_FRAMES[self.format]
        return pcm[:frames]

    def place(self, pcm: np.ndarray, source: np.ndarray, start_time: float) -> int:
        """The frame of the source at which one second from the middle of `pcm`, begun at that time, was played."""
        boottime_ns = round(start_time * 1e9) + time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.time_ns()
        near, middle = round(self.line.frame_at(boottime_ns)), max(0, len(pcm) - RATE) // 2
        first = max(0, near + middle - NEAR)
        there = source[first : first + 2 * NEAR + RATE].astype(float)
        return first + int(np.argmax(np.correlate(there, pcm[middle : middle + RATE], "valid"))) - middle


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory, alsa_plugin: Path) -> Iterator[dict[str, Desk]]:
    folder = tmp_path_factory.mktemp("box")
    lines = {each: AlsaLine(folder, each, SOURCE.tobytes(), channels=2) for each in FORMATS}
    speakers = {each: AlsaSpeaker(folder, f"{each}-out", rate=RATE, channels=1) for each in FORMATS}
    config = write_config(folder, alsa_plugin, [*lines.values(), *speakers.values()])
    configured = {
        each: {"device": f"alsa:{each}", "rate": RATE, "channels": 2, "playback": f"alsa:{each}-out"}
        for each in FORMATS
    }
    with Box(folder, configured, pre_roll_max=10) as box:
        box.start("serve")
        box.start("capture", {"ALSA_CONFIG_PATH": str(config)})
        made = {each: Desk(box, each, lines[each], speakers[each]) for each in FORMATS}
        record_all(list(made.values()))
        yield made


def record_all(desks: list[Desk]) -> None:
    """Begin everything at each desk, and wait until it has ended."""

    def wait(frames: int) -> None:
        there = [desk.line.given + frames for desk in desks]
        until(lambda: all(desk.line.given >= one for desk, one in zip(desks, there, strict=True)), what="audio")

    for desk in desks:
        desk.record("warned", beep=True, beep_interval=5, max_length=WARNED_S, direction="speak")
        for name, parameters in DIRECTIONS.items():
            desk.record(name, max_length=LENGTH_S, **parameters)
        for name in ("skip", "silence"):
            desk.record(name, direction="speak")
    wait(round(1.5 * RATE))
    for desk in desks:
        for name in ("skip", "silence"):
            desk.tell("pause", control_id=name, behavior=name)
    wait(RATE)
    for desk in desks:
        for name in ("skip", "silence"):
            desk.tell("resume", control_id=name)
    wait(round(1.5 * RATE))
    for desk in desks:
        for name in ("skip", "silence"):
            desk.tell("stop", control_id=name)
        until(lambda desk=desk: desk.line.given > 6 * RATE, what="audio to go back to")
        desk.ids["asked at"] = str(time.time())
        desk.record("earlier", pre_roll=PRE_ROLL_S, max_length=PRE_ROLL_S + 1, direction="speak")
    for desk in desks:
        for name in ("warned", *DIRECTIONS, "skip", "silence", "earlier"):
            desk.end(name)


@pytest.fixture(params=FORMATS)
def desk(request: pytest.FixtureRequest, desks: dict[str, Desk]) -> Desk:
    found: Desk = desks[request.param]
    return found


def sounds_like(pcm: np.ndarray, source: np.ndarray) -> None:
    """As loud as the source, and nearer to it than a codec's noise."""
    assert len(pcm) == len(source)
    assert level_dbfs(pcm) == pytest.approx(level_dbfs(source), abs=1)
    assert level_dbfs(pcm - source.astype(float)) < level_dbfs(source) - 5


def test_length_and_size_are_those_of_the_event(desk: Desk) -> None:
    for name in DIRECTIONS:
        end = desk.end(name)
        assert (end["state"], end["end_reason"], end["duration"]) == ("finished", "max_length", LENGTH_S)
        assert (end["record"]["format"], end["gap_count"], end["degraded"]) == (desk.format, 0, False)
        assert end["size"] == desk.box.file_of(desk.ids[name], desk.format).stat().st_size
        assert len(desk.decoded(name)) == LENGTH_S * RATE


@pytest.mark.parametrize("name", ["speak", "listen", "both"])
def test_mono_has_the_direction_that_was_asked_for(desk: Desk, name: str) -> None:
    pcm = desk.decoded(name)[:, 0]
    wide = SOURCE.astype(int)
    source = {"speak": wide[:, 0], "listen": wide[:, 1], "both": wide.sum(1).clip(-32768, 32767)}[name]
    at = desk.place(pcm, source, desk.end(name)["start_time"])
    sounds_like(pcm, source[at : at + len(pcm)])


def test_stereo_has_what_the_party_says_left_and_what_it_hears_right(desk: Desk) -> None:
    pcm, start = desk.decoded("stereo"), desk.end("stereo")["start_time"]
    at = [desk.place(pcm[:, channel], SOURCE[:, channel], start) for channel in (0, 1)]
    assert at[0] == at[1]
    for channel in (0, 1):
        sounds_like(pcm[:, channel], SOURCE[at[0] : at[0] + len(pcm), channel])


def longest_silence(pcm: np.ndarray) -> tuple[int, int]:
    """Where it begins and ends, in steps of 50 ms."""
    silent = [level_dbfs(pcm[n : n + 400]) < -80 for n in range(0, len(pcm) - 400, 400)]
    best = start = 0, 0
    for n, quiet in enumerate(silent):
        start = (start[0], n + 1) if quiet else (n + 1, n + 1)
        best = max(best, start, key=lambda one: one[1] - one[0])
    return best[0] * 400, best[1] * 400


@pytest.mark.parametrize("name", ["skip", "silence"])
def test_a_pause_is_left_out_or_is_silence(desk: Desk, name: str) -> None:
    pcm, end, speak = desk.decoded(name)[:, 0], desk.end(name), SOURCE[:, 0]
    at = desk.place(pcm[:RATE], speak, end["start_time"])
    whole = round((end["end_time"] - end["start_time"]) * RATE)
    if name == "skip":
        pause = whole - len(pcm)
        later = at + pause
        error = [np.abs(pcm[n : n + 400] - speak[at + n : at + n + 400]).sum() for n in range(0, len(pcm) - 400, 400)]
        moved = [
            np.abs(pcm[n : n + 400] - speak[later + n : later + n + 400]).sum() for n in range(0, len(pcm) - 400, 400)
        ]
        seam = min(range(len(error) + 1), key=lambda n: sum(error[:n]) + sum(moved[n:])) * 400
        sounds_like(pcm[: seam - CUT], speak[at : at + seam - CUT])
        sounds_like(pcm[seam + CUT :], speak[later + seam + CUT : later + len(pcm)])
        assert 1.4 * RATE < seam < len(pcm) - 1.4 * RATE
    else:
        assert whole == len(pcm)
        first, last = longest_silence(pcm)
        pause = last - first
        sounds_like(pcm[: first - CUT], speak[at : at + first - CUT])
        sounds_like(pcm[last + CUT :], speak[at + last + CUT : at + len(pcm)])
    assert pause > 0.7 * RATE  # a codec rings on into it


def test_pre_roll_is_the_audio_before_the_command(desk: Desk) -> None:
    pcm, end = desk.decoded("earlier")[:, 0], desk.end("earlier")
    assert len(pcm) == (PRE_ROLL_S + 1) * RATE
    at = desk.place(pcm, SOURCE[:, 0], end["start_time"])
    sounds_like(pcm, SOURCE[at : at + len(pcm), 0])
    assert 0 < end["start_time"] + PRE_ROLL_S - float(desk.ids["asked at"]) < 1


def test_a_beep_opens_the_recording_and_warnings_sound_and_neither_is_in_it(desk: Desk) -> None:
    pcm, end, speak = desk.decoded("warned")[:, 0], desk.end("warned"), SOURCE[:, 0]
    until(lambda: not desk.speaker.is_open, what="the end of the last tone")
    played = np.array(array("h", desk.speaker.played))
    loud = np.flatnonzero(played)
    ends = [*(int(one) for one, two in pairwise(loud) if two - one > RATE // 10), int(loud[-1])]
    starts = [int(loud[0]), *(int(two) for one, two in pairwise(loud) if two - one > RATE // 10)]
    lengths = [(stop - start) / RATE for start, stop in zip(starts, ends, strict=True)]
    assert lengths == pytest.approx([0.4, 0.5], abs=0.01)
    pitches = [np.argmax(np.abs(np.fft.rfft(played[start : start + RATE // 5]))) * 5 for start in starts]
    assert pitches == [1000, 1400]
    at = desk.place(pcm, speak, end["start_time"])
    sounds_like(pcm, speak[at : at + len(pcm)])
    beep_over, warned = (desk.line.frame_at(desk.speaker.time_of(frame)) for frame in (ends[0], starts[1]))
    assert -0.002 * RATE <= at - beep_over <= 0.040 * RATE
    assert warned - at == pytest.approx(5 * RATE, abs=RATE // 2)


def test_a_growing_file_is_served_as_one_that_plays(desk: Desk, tmp_path: Path) -> None:
    desk.record("growing", direction="speak")
    recording_id = desk.ids["growing"]
    url = desk.box.until_told(recording_id, lambda params: params["state"] == "recording")["params"]["url"]
    answer = until(lambda: (got := requests.get(url, timeout=20)).ok and len(got.content) > 4000 and got, what="audio")
    assert answer.headers["Content-Type"] == {"wav": "audio/wav", "mp3": "audio/mpeg", "mp4": "audio/mp4"}[desk.format]
    begun = requests.get(url, headers={"Range": "bytes=0-99"}, timeout=20)
    assert (begun.status_code, begun.headers["Content-Range"]) == (206, "bytes 0-99/*")
    copy = tmp_path / f"copy.{desk.format}"
    copy.write_bytes(answer.content)
    pcm = np.frombuffer(read_wav(copy), np.int16) if desk.format == "wav" else ffmpeg(copy, 1)[:, 0]
    desk.tell("stop", control_id="growing")
    whole = desk.decoded("growing")[:, 0]
    common = min(len(pcm), len(whole)) - RATE // 10
    assert common > RATE // 10
    assert np.abs(pcm[:common] - whole[:common].astype(float)).max() <= 1


def test_the_command_of_signalwires_clients_records_mp3_unless_it_says_otherwise(desks: dict[str, Desk]) -> None:
    desk = desks["mp3"]
    order = {"line": "mp3", "command": "calling.record", "params": {"control_id": "default", "audio": {}}}
    desk.ids["default"] = desk.box.until_ok(order)["recording_id"]
    desk.box.until_told(desk.ids["default"], lambda params: params["state"] == "recording")
    desk.tell("stop", control_id="default")
    end = desk.end("default")
    assert end["record"]["format"] == "mp3"
    assert end["url"].partition("?")[0].endswith(".mp3")
