"""A process that writes a recording is killed at every one of its system calls, and the next one goes on."""

import json
import random
import subprocess
import sys
import wave

import pytest

from recorder.writers.recovery import recover

LIFE = """
import itertools, os, random, sys
from pathlib import Path

from recorder.writers.closing import seal
from recorder.writers.wav import WavWriter

kill_at, calls = -1, itertools.count()

def killed_before(real):
    def call(*args, **options):
        if next(calls) == kill_at:
            os.kill(os.getpid(), 9)
        return real(*args, **options)
    return call

def killed_within(real):
    def call(fd, data, offset):
        if next(calls) == kill_at:
            real(fd, data[: len(data) // 2], offset)
            os.kill(os.getpid(), 9)
        return real(fd, data, offset)
    return call

os.pwrite = killed_within(os.pwrite)
for name in "open fchmod ftruncate fdatasync fsync close replace rename unlink mkdir chmod".split():
    setattr(os, name, killed_before(getattr(os, name)))

pcm = random.Random(0).randbytes(3000 * 2)

def live(root):
    root.mkdir(exist_ok=True)
    writer = WavWriter(root / "2026" / "01" / sys.argv[2], 8000, 1, 10_000, root=root, resume=True)
    writer.open()
    for first in range(0, 3000, 1000):
        writer.append(first, pcm[first * 2 : (first + 1000) * 2])
    writer.silence(3000, 1000)
    writer.close(4000)
    seal(writer.path, {"frames": 4000})

for life in sys.argv[3:]:
    name, kill_at = life.split(":")
    kill_at, calls = int(kill_at), itertools.count()
    child = os.fork()
    if child == 0:
        live(Path(sys.argv[1]) / name)
        print(name, next(calls), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
NAME = "01a20971-b7aa-79d3-842d-59de9f9a03cb"
PCM = random.Random(0).randbytes(3000 * 2) + bytes(1000 * 2)


def live(root, kills):
    """Live once in each directory, killed at that call; the calls made by those that reached the end."""
    command = [
        sys.executable,
        "-c",
        LIFE,
        str(root),
        f"{NAME}.wav",
        *(f"{name}:{kill_at}" for name, kill_at in kills.items()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return {name: int(calls) for name, calls in (line.split() for line in done.stdout.splitlines())}


def files(root):
    return {file.name for file in root.rglob("*") if file.is_file()}


def audio(path):
    with wave.open(str(path)) as file:
        return file.readframes(file.getnframes())


@pytest.fixture
def killed(tmp_path):
    """A directory for each system call of a life, in which one was killed there."""
    calls = live(tmp_path, {"whole": -1})["whole"]
    assert calls > 30
    kills = {str(kill_at): kill_at for kill_at in range(calls)}
    assert live(tmp_path, kills) == {}
    return [tmp_path / name for name in kills]


def test_a_kill_at_any_call_costs_nothing_that_a_replay_does_not_bring_back(tmp_path, killed):
    assert len(live(tmp_path, {root.name: -1 for root in killed})) == len(killed)
    for root in killed:
        assert files(root) == {f"{NAME}.wav", f"{NAME}.json"}, f"killed at {root.name}"
        assert audio(root / f"2026/01/{NAME}.wav") == PCM, f"killed at {root.name}"
        assert json.loads((root / f"2026/01/{NAME}.json").read_text()) == {"frames": 4000}


def test_a_kill_at_any_call_leaves_what_recovery_can_end(killed):
    told = []
    for root in killed:
        found = recover(root)
        assert recover(root) == [one for one in found if one.frames]
        for one in found:
            told.append(one.frames)
            if one.frames:
                part = one.path.with_name(f"{NAME}.wav.part")
                assert audio(part) == PCM[: 2 * one.frames]
                assert part.stat().st_size == one.size == 44 + 2 * one.frames
        if not any(one.frames for one in found):
            assert f"{NAME}.wav.part" not in files(root)
    assert {0, 500, 1000, 2000, 3000, 4000} <= set(told)
