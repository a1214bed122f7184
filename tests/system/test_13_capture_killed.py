"""kill -9 of capture costs a gap of under a second, right to 20 ms, in a ring that goes on.

The second is one of a machine that has a CPU for us: what processes wait for theirs behind others is left out.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, write_config
from tests.noise import noise
from tests.system.capture import Capture, heard
from tests.system.stretches import missing, stretches
from tests.waiting import until

RATE = 8000
SECONDS = 10
CLOSE = RATE * 20 // 1000  # 20 ms
RESTART = 2


def kill_child(capture: Capture) -> None:
    os.kill(capture.child_of("a"), signal.SIGKILL)


def kill_parent(capture: Capture) -> None:
    """And start it again at once, as its unit would."""
    capture.kill()
    capture.start()


@pytest.mark.parametrize("kill", [kill_child, kill_parent])
def test_killed_capture_goes_on_behind_a_gap_of_the_right_length(
    shm_path: Path, alsa_plugin: Path, kill: Callable[[Capture], None]
) -> None:
    devices = [AlsaLine(shm_path, name, noise(SECONDS * RATE, 2, seed), channels=2) for seed, name in enumerate("ab")]
    lines = [LineSpec(device.name, f"alsa:{device.name}", RATE, 2, 0, 1) for device in devices]
    with Capture(shm_path, lines, write_config(shm_path, alsa_plugin, devices)) as capture:
        rings = [capture.ring(device.name) for device in devices]
        until(lambda: min(ring.head for ring in rings) > RATE, what="audio")
        epochs = [ring.epoch for ring in rings]
        before = capture.waited_s()
        kill(capture)
        at = max(ring.head for ring in rings)
        until(lambda: min(ring.head for ring in rings) > at, 30, "the first audio after the kill")
        waited_s = sum(waited - before.get(pid, 0) for pid, waited in capture.waited_s().items())
        until(lambda: min(ring.head for ring in rings) > at + 2 * RATE, what="audio after the kill")
        assert [capture.ring(device.name).epoch for device in devices] == epochs
        for device, ring in zip(devices, rings, strict=True):
            (lost,) = missing(stretches(heard(ring), device.file.read_bytes(), 2))
            ((_, start, frames, cause),) = ring.gaps()
            assert (start, frames, cause) == (lost.at, lost.frames, RESTART)
            assert lost.lost / RATE - waited_s < 1
            assert abs(frames - lost.lost) <= CLOSE


def test_terminated_capture_is_down_within_a_second(shm_path: Path, alsa_plugin: Path) -> None:
    device = AlsaLine(shm_path, "line0", noise(SECONDS * RATE))
    config = write_config(shm_path, alsa_plugin, [device])
    with Capture(shm_path, [LineSpec("line0", "alsa:line0", RATE)], config) as capture:
        until(lambda: capture.ring("line0").head > 0, what="audio")
        children = capture.children
        assert capture.stop(timeout=1.0) == 0
        assert not any(Path(f"/proc/{child}").exists() for child in children)
