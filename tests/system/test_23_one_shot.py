"""`recorder record`: events on stdout, the file, the exit status."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recorder.dsp import DigitDetector
from tests.noise import noise
from tests.tones import babble, hiss, key_press
from tests.wav import read_wav, write_wav

RATE = 8000


def run(*words: object) -> tuple[int, list[dict[str, Any]], str]:
    """The exit status, the events, and what was said on stderr."""
    command = [sys.executable, "-m", "recorder", "record", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize("pace", ["real", "max"])
def test_a_file_is_recorded_whole_bit_for_bit(tmp_path: Path, pace: str) -> None:
    pcm = noise(RATE + 123, 2)
    wav = write_wav(tmp_path / "in.wav", pcm, channels=2)
    status, events, _ = run(f"file:{wav}", "-o", tmp_path / "out.wav", "--stereo", "--pace", pace)
    assert status == 0
    assert read_wav(tmp_path / "out.wav") == pcm
    assert [event["params"]["state"] for event in events] == ["recording", "finished"]
    end = events[-1]["params"]
    assert (end["end_reason"], end["duration"]) == ("call_ended", (RATE + 123) / RATE)
    assert end["url"] == (tmp_path / "out.wav").as_uri()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav", "out.wav"]


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_the_file_ends_5_ms_before_the_tone_as_the_detector_dates_it(tmp_path: Path, rate: int) -> None:
    import numpy as np

    pcm = hiss(1.234, rate) + key_press("#", rate) + hiss(1, rate)
    wav = write_wav(tmp_path / "in.wav", pcm, rate)
    detected = DigitDetector(rate).process(np.frombuffer(pcm, np.int16))
    [first] = [event.frame for event in detected if event.kind == "on"]
    status, events, _ = run(f"file:{wav}", "-o", tmp_path / "out.wav", "--pace", "max", "--terminators", "#")
    assert (status, events[-1]["params"]["digit"]) == (0, "#")
    kept = read_wav(tmp_path / "out.wav")
    assert kept == pcm[: (first - rate // 200) * 2]
    assert first == pytest.approx(1.234 * rate, abs=0.005 * rate)


def test_both_paces_end_on_the_same_frame_after_silence(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "in.wav", hiss(0.3) + babble(1.0) + hiss(2.0))
    durations = set()
    for pace in ("real", "max"):
        out = tmp_path / f"{pace}.wav"
        status, events, _ = run(f"file:{wav}", "-o", out, "--pace", pace, "--end-silence-timeout", 0.8)
        assert (status, events[-1]["params"]["end_reason"]) == (0, "end_silence")
        durations.add(events[-1]["params"]["duration"])
    assert len(durations) == 1


def test_nobody_speaking_is_told_by_the_exit_status_and_leaves_no_file(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "in.wav", bytes(4 * RATE))
    status, events, _ = run(f"file:{wav}", "-o", tmp_path / "out.wav", "--pace", "max", "--initial-timeout", 1)
    assert (status, events[-1]["params"]["state"], events[-1]["params"]["duration"]) == (2, "no_input", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_ctrl_c_finishes_the_file(tmp_path: Path) -> None:
    pcm = noise(20 * RATE)
    wav = write_wav(tmp_path / "in.wav", pcm)
    command = [sys.executable, "-m", "recorder", "record", f"file:{wav}", "-o", str(tmp_path / "out.wav")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["params"]["state"] == "recording"
        process.send_signal(signal.SIGINT)
        end = json.loads(process.stdout.readline())["params"]
        assert process.wait(20) == 0
    assert (end["state"], end["end_reason"]) == ("finished", "stop_command")
    assert pcm.startswith(read_wav(tmp_path / "out.wav"))


def test_a_file_that_can_not_be_made_is_a_start_that_failed(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "in.wav", bytes(2 * RATE))
    status, events, said = run(f"file:{wav}", "-o", "/proc/out.wav", "--pace", "max")
    if status == 1:  # /proc lets root look as if files could be made there
        [event] = events
        params = event["params"]
        assert (event["seq"], params["state"], params["end_reason"]) == (0, "error", "start_failed")
        assert "/proc/out.wav" in params["error"]["message"]
    else:
        assert (status, events) == (73, [])
        assert "/proc" in said


def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    status, events, said = run("alsa:nowhere", "-o", tmp_path / "out.wav")
    assert (status, events) == (66, [])
    assert "alsa:nowhere" in said
    assert list(tmp_path.iterdir()) == []


def test_a_status_url_is_said_to_get_nothing(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "in.wav", bytes(2 * RATE))
    url = ("--status-url", "http://127.0.0.1:1/")
    status, events, said = run(f"file:{wav}", "-o", tmp_path / "out.wav", "--pace", "max", *url)
    assert (status, len(events)) == (0, 2)
    assert "--status-url" in said
