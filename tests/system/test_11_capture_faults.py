"""A device that stalls, goes away or breaks is noticed within 2 s, comes back, and costs its neighbour little."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder._dsp import RingReader
from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, write_config
from tests.fixtures.pulse import PulseDaemon, Sink
from tests.noise import noise
from tests.system.capture import Capture, heard
from tests.system.stretches import missing, stretches
from tests.waiting import until

RATE = 8000
SECONDS = 20
CLOSE = RATE * 20 // 1000  # 20 ms
NOTICED_S = 2.0
BACK_S = 5.0


def assert_gaps_are_what_is_missing(ring: RingReader, device: AlsaLine) -> int:
    """All in the ring is the device's source; what is missing is reported, right to 20 ms. The frames lost."""
    lost = missing(stretches(heard(ring), device.file.read_bytes(), 1))
    assert [(gap.at, gap.frames) for gap in lost] == [(start, frames) for _, start, frames, _ in ring.gaps()]
    assert all(abs(gap.frames - gap.lost) <= CLOSE for gap in lost), lost
    return sum(gap.lost for gap in lost)


@pytest.mark.parametrize("harm", [AlsaLine.stall, AlsaLine.unplug, AlsaLine.break_], ids=lambda harm: harm.__name__)
def test_harmed_device_is_noticed_and_comes_back(
    shm_path: Path, alsa_plugin: Path, harm: Callable[[AlsaLine], None]
) -> None:
    bad, good = (AlsaLine(shm_path, name, noise(SECONDS * RATE, 1, len(name))) for name in ("bad", "good"))
    lines = [LineSpec(device.name, f"alsa:{device.name}", RATE) for device in (bad, good)]
    with Capture(shm_path, lines, write_config(shm_path, alsa_plugin, [bad, good])) as capture:
        rings = {name: capture.ring(name) for name in ("bad", "good")}
        until(lambda: min(ring.head for ring in rings.values()) > RATE, what="audio from both")
        harm(bad)
        began = time.monotonic()
        until(lambda: not capture.is_up("bad"), timeout=NOTICED_S, what="the word that the line is down")
        standing = rings["bad"].head
        until(lambda: time.monotonic() - began > NOTICED_S)
        assert rings["bad"].head == standing
        bad.plug()
        until(lambda: rings["bad"].head > standing + 2 * RATE, timeout=BACK_S, what="audio from the bad line again")
        assert capture.is_up("bad")
        assert capture.is_up("good")
        assert assert_gaps_are_what_is_missing(rings["bad"], bad) > RATE
        assert assert_gaps_are_what_is_missing(rings["good"], good) < RATE


def test_device_that_comes_late_is_opened_when_it_is_there(shm_path: Path, alsa_plugin: Path) -> None:
    late, good = (AlsaLine(shm_path, name, noise(SECONDS * RATE, 1, len(name))) for name in ("late", "good"))
    late.unplug()
    lines = [LineSpec(device.name, f"alsa:{device.name}", RATE) for device in (late, good)]
    with Capture(shm_path, lines, write_config(shm_path, alsa_plugin, [late, good])) as capture:
        until(lambda: capture.ring("good").head > RATE, what="audio from the good line")
        assert not capture.is_up("late")
        late.plug()
        until(lambda: capture.is_up("late"), timeout=BACK_S)
        ring = capture.ring("late")
        until(lambda: ring.head > RATE, what="audio from the late line")
        (only,) = stretches(heard(ring), late.file.read_bytes(), 1)
        assert only.frames >= RATE
        assert assert_gaps_are_what_is_missing(capture.ring("good"), good) == 0


def test_sound_daemon_that_ends_is_noticed_and_found_again(shm_path: Path) -> None:
    source = noise(RATE)
    lines = [LineSpec("line0", "alsa:line0", RATE)]
    with (
        PulseDaemon(shm_path, [Sink("line0", RATE)]) as pulse,
        Capture(shm_path, lines, pulse.write_config(shm_path)) as capture,
    ):
        ring = capture.ring("line0")
        until(lambda: ring.head > RATE, what="audio")
        pulse.stop()
        until(lambda: not capture.is_up("line0"), timeout=NOTICED_S, what="the word that the line is down")
        standing = ring.head
        pulse.start()
        until(lambda: ring.head > standing + RATE, timeout=BACK_S, what="audio from the new daemon")
        assert pulse.play("line0", source).wait(10) == 0
        until(lambda: source in heard(ring), what="what was played")
        assert [start for _, start, _, _ in ring.gaps()] == [standing]


def test_a_device_that_cannot_be_opened_is_told_once_and_portaudio_says_nothing(
    shm_path: Path, alsa_plugin: Path
) -> None:
    bad = AlsaLine(shm_path, "bad", noise(RATE))
    lines = [LineSpec("bad", "alsa:bad", 44100)]
    with Capture(shm_path, lines, write_config(shm_path, alsa_plugin, [bad])):
        log = shm_path / "capture.log"
        until(lambda: "can't be opened" in log.read_text(), what="the word that it can't be opened")
    assert [line for line in log.read_text().splitlines() if not line.startswith("{")] == []
