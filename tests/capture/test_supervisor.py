"""The capture process with file lines, in real time, killed and restarted."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from recorder._dsp import RingReader
from recorder.capture.devices import CaptureDevice, capture_devices
from recorder.capture.spec import LineSpec, Plan
from recorder.capture.supervisor import AnotherCapture, run, take_lock
from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.capture.wavs import write_wav
from tests.noise import noise
from tests.system.capture import Capture, freeze
from tests.waiting import until

RATE = 8000
GAP_RESTART = 2


def boottime_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended may still wait for its parent to hear of it."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def file_line(directory: Path, name: str, pcm: bytes, *, loop: bool = False) -> LineSpec:
    path = write_wav(directory / f"{name}.wav", pcm, RATE)
    return LineSpec(name, f"file:{path}", rate=0, channels=0, loop=loop)


def capture_of(directory: Path, *lines: LineSpec) -> Capture:
    config = directory / "empty.conf"
    config.touch()
    return Capture(directory, list(lines), config)


def assert_is_source_but_for_gaps(ring: RingReader, source: bytes) -> None:
    expected = bytearray(source[: 2 * ring.head])
    for _, start, frames, _ in ring.gaps():
        expected[2 * start : 2 * (start + frames)] = bytes(2 * frames)
    assert ring.read(0, len(expected) // 2) == expected


def test_files_are_played_to_their_rings_bit_for_bit(tmp_path: Path) -> None:
    once, looped = noise(RATE), noise(RATE // 3, seed=2)
    lines = file_line(tmp_path, "once", once), file_line(tmp_path, "looped", looped, loop=True)
    with capture_of(tmp_path, *lines) as capture:
        ring, other = capture.ring("once"), capture.ring("looped")
        until(lambda: ring.ended and other.head > RATE, what="the end of the file")
        assert ring.read(0, ring.head) == once
        assert other.read(0, RATE) == (looped * 4)[: 2 * RATE]
        assert ring.gaps() == other.gaps() == []
        assert (capture.status("once")["state"], capture.status("looped")["state"]) == ("ended", "up")


def test_killed_child_leaves_a_short_gap_of_the_right_length(tmp_path: Path) -> None:
    source = noise(20 * RATE)
    with capture_of(tmp_path, file_line(tmp_path, "x", source)) as capture:
        ring = capture.ring("x")
        for number in (1, 2, 3):
            heard = ring.head
            until(lambda heard=heard: ring.head > heard + 800, what="frames")
            os.kill(capture.child_of("x"), signal.SIGKILL)
            until(lambda number=number: len(ring.gaps()) == number, what="the gap")
        until(lambda: ring.head > sum(ring.gaps()[-1][1:3]) + 800, what="frames")
        for _, _, frames, cause in ring.gaps():
            assert frames < RATE
            assert cause == GAP_RESTART
        assert_is_source_but_for_gaps(ring, source)


def test_killed_parent_is_restarted_into_the_same_ring(tmp_path: Path) -> None:
    source = noise(20 * RATE)
    with capture_of(tmp_path, file_line(tmp_path, "x", source)) as capture:
        ring = capture.ring("x")
        until(lambda: ring.head > 1600, what="frames")
        capture.kill()
        killed_at = ring.head
        capture.start()
        until(lambda: ring.gaps() and ring.head > killed_at + RATE, what="the gap")
        ((_, _, frames, _),) = ring.gaps()
        assert frames < RATE
        assert abs(ring.frame_at(boottime_ns()) - ring.head) < RATE // 5
        assert_is_source_but_for_gaps(ring, source)


def test_a_line_that_a_restart_takes_out_leaves_no_ring(tmp_path: Path) -> None:
    lines = [file_line(tmp_path, name, noise(RATE), loop=True) for name in ("stays", "goes")]
    with capture_of(tmp_path, *lines) as capture:
        ring = capture.ring("stays")
        until(lambda: ring.head and capture.ring("goes").head, what="frames")
        capture.kill()
        site = capture.plan.site
        for half in ("stays.ring.new", "goes.ring.new"):  # of a writer that was killed as it made them
            (site.directory / half).touch()
        capture.plan = replace(capture.plan, lines=tuple(lines[:1]))
        capture.start()
        killed_at = ring.head
        until(lambda: ring.head > killed_at, what="frames of the line that stays")
        assert [path.name for path in site.directory.glob("goes*")] == []


def test_frozen_child_catches_up_without_loss(tmp_path: Path) -> None:
    source = noise(20 * RATE)
    with capture_of(tmp_path, file_line(tmp_path, "x", source)) as capture:
        ring = capture.ring("x")
        until(lambda: ring.head > 800, what="frames")
        freeze(capture.child_of("x"), 0.5)
        frozen_at = ring.head
        until(lambda: ring.head > frozen_at + RATE, what="frames")
        assert ring.gaps() == []
        assert_is_source_but_for_gaps(ring, source)


def test_child_frozen_for_longer_is_replaced(tmp_path: Path) -> None:
    source = noise(20 * RATE)
    with capture_of(tmp_path, file_line(tmp_path, "x", source)) as capture:
        ring = capture.ring("x")
        until(lambda: ring.head > 800, what="frames")
        os.kill(capture.child_of("x"), signal.SIGSTOP)
        until(ring.gaps, timeout=3.0, what="the gap")
        assert_is_source_but_for_gaps(ring, source)


def test_bad_file_is_named_and_taken_once_it_is_good(tmp_path: Path) -> None:
    good = file_line(tmp_path, "good", noise(20 * RATE))
    bad = file_line(tmp_path, "bad", b"")
    with capture_of(tmp_path, good, bad) as capture:
        ring = capture.ring("good")
        until(lambda: ring.head > 800, what="frames")
        until(lambda: "it has no audio" in capture.status("bad").get("error", ""), what="the error")
        assert capture.status("bad")["state"] == "down"
        write_wav(tmp_path / "bad.wav", noise(RATE), RATE)
        until(lambda: capture.is_up("bad"), what="the line")
        assert "error" not in capture.status("bad")
        assert ring.gaps() == []


def test_term_ends_all_within_a_second(tmp_path: Path) -> None:
    with capture_of(tmp_path, file_line(tmp_path, "x", noise(20 * RATE))) as capture:
        ring = capture.ring("x")
        until(lambda: ring.head > 0, what="frames")
        children = capture.children
        assert capture.stop(timeout=1.0) == 0
        assert not any(map(lives, children))
        assert not (capture.plan.site.directory / "control.sock").exists()


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    with capture_of(tmp_path, file_line(tmp_path, "x", noise(20 * RATE))) as capture:
        until(lambda: capture.ring("x").head > 0, what="frames")
        children = capture.children
        capture.kill()
        until(lambda: not any(map(lives, children)), 1.0, "their end")


def test_second_capture_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder.capture.supervisor.TAKE_OVER_S", 0.0)
    lock = take_lock(tmp_path)
    with pytest.raises(AnotherCapture, match=str(tmp_path)):
        take_lock(tmp_path)
    os.close(lock)
    os.close(take_lock(tmp_path))


def test_what_cannot_begin_says_why(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = file_line(tmp_path, "x", noise(10))
    assert run([line], str(tmp_path / "run"), ring_seconds=1e12) == 78
    assert "shorten ring_seconds" in caplog.text
    assert run([LineSpec("x", 'alsa:a"b')], str(tmp_path / "run")) == 78
    assert "not the name of an ALSA device" in caplog.text
    (tmp_path / "file").touch()
    assert run([line], str(tmp_path / "file" / "run")) == 73
    assert list((tmp_path / "run-capture").iterdir()) == [tmp_path / "run-capture" / "lock"]


def test_capture_dies_with_the_program_that_started_it(tmp_path: Path) -> None:
    plan = Plan((file_line(tmp_path, "x", noise(20 * RATE)),), str(tmp_path / "run"))
    starter = (
        "import json, os, subprocess, sys\n"
        "capture = subprocess.Popen([sys.executable, '-m', 'recorder.capture'], stdin=subprocess.PIPE)\n"
        "plan = json.load(sys.stdin) | {'starter': os.getpid()}\n"
        "capture.stdin.write(json.dumps(plan).encode()); capture.stdin.close()\n"
        "print(capture.pid, flush=True); capture.wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(plan.to_json().encode())
        program.stdin.close()
        capture = int(program.stdout.readline())
        until(lambda: plan.site.ring_path("x").exists(), what="the ring")
        program.kill()
    until(lambda: not lives(capture), what="its end")


def test_capture_does_not_begin_when_its_starter_has_gone(tmp_path: Path) -> None:
    plan = Plan((file_line(tmp_path, "x", noise(RATE)),), str(tmp_path / "run"))
    with subprocess.Popen([sys.executable, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE) as gone:
        assert gone.stdout is not None
        orphaned = json.loads(plan.to_json()) | {"starter": int(gone.stdout.read())}
    command = [sys.executable, "-m", "recorder.capture"]
    assert subprocess.run(command, input=json.dumps(orphaned).encode(), timeout=10, check=False).returncode == 1
    assert not plan.site.directory.exists()


def test_devices_are_listed_with_rates_and_channels(
    tmp_path: Path, alsa_plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [
        AlsaLine(tmp_path, "mono", b"", rate=8000),
        AlsaLine(tmp_path, "card", b"", rate=48000, channels=16),
        AlsaSpeaker(tmp_path, "speaker", rate=8000, channels=1),
    ]
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(write_config(tmp_path, alsa_plugin, devices)))
    assert capture_devices() == [CaptureDevice("mono", "", 1, (8000,)), CaptureDevice("card", "", 16, (48000,))]
