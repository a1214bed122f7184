"""`kill -9` of serve at random moments of a recording: the file, the events and the end are those of a quiet run."""

import json
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.tones import babble, hiss, key_press
from tests.wav import read_wav, write_wav

FRAME_BYTES = 2


def talk(seconds: float) -> bytes:
    """Speech in spurts of 2 s."""
    return b"".join(babble(2.0, seed=n) + hiss(0.4, seed=n) for n in range(round(seconds / 2.4)))


CASES = {
    "terminator": (50, talk(26.4) + key_press("#") + hiss(3), {"terminators": "#"}),
    "end_silence": (15, talk(9.6) + hiss(4), {"end_silence_timeout": 1.5}),
    "max_length": (15, talk(14.4), {"max_length": 9.337125}),
}


def undisturbed_end(line: Path, parameters: dict[str, Any], folder: Path) -> int:
    """The line frame at which these parameters end a recording of the whole line."""
    options = [word for name, value in parameters.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "recorder", "record", f"file:{line}", "-o", str(folder / "quiet.wav")]
    run = subprocess.run([*command, "--pace", "max", *options], capture_output=True, text=True, check=True)
    last: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return round(last["params"]["duration"] * 8000)


def kill_again_and_again(box: Box, kills: int, seed: int) -> None:
    """Let serve live for a random while, kill it, start it again, as its unit would."""
    chance = random.Random(seed)
    for _ in range(kills):
        serve = box.start("serve")
        try:
            serve.wait(chance.uniform(0.05, 0.8))
        except subprocess.TimeoutExpired:
            box.kill("serve")
        else:
            pytest.fail(f"serve ended by itself:\n{box.log('serve')}")
    box.start("serve")


@pytest.mark.parametrize("ending", CASES)
def test_a_recording_survives_kills_of_serve(tmp_path: Path, ending: str) -> None:
    kills, pcm, parameters = CASES[ending]
    line = write_wav(tmp_path / "line.wav", pcm)
    expected_end = undisturbed_end(line, parameters, tmp_path)
    with Box(tmp_path, {"front": {"device": f"file:{line}"}}) as box:
        box.start("serve")
        box.start("capture")
        recording_id = box.until_ok({"line": "front", "record_call": parameters})["recording_id"]
        box.kill("serve")  # the very moment after the answer
        kill_again_and_again(box, kills, seed=kills)
        end = box.end_of(recording_id)
        kept = read_wav(box.file_of(recording_id))
        events = box.of(recording_id)
    assert end["end_reason"] == ending
    assert (end["gap_count"], end["recovered"]) == (0, False)
    frames = len(kept) // FRAME_BYTES
    assert end["duration"] == frames / 8000
    first = pcm.find(kept[:1600]) // FRAME_BYTES
    assert kept == pcm[first * FRAME_BYTES : (first + frames) * FRAME_BYTES]
    if ending == "max_length":
        assert frames == round(parameters["max_length"] * 8000)
    else:
        assert first + frames == expected_end
    ids = defaultdict(set)
    for event in events:
        ids[event["seq"], event["params"]["state"]].add(event["event_id"])
    assert sorted(ids) == [(0, "recording"), (1, "finished")]
    assert all(len(same) == 1 for same in ids.values())
