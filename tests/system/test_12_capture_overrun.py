"""A capture child that is frozen loses nothing within the device's buffer, and past it counts what it lost."""

from pathlib import Path

import pytest

from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, write_config
from tests.noise import noise
from tests.system.capture import Capture, freeze, heard
from tests.system.stretches import channels_of, missing, stretches
from tests.waiting import until

SECONDS = 10
OVERRUN = 1


@pytest.mark.parametrize(("rate", "channels"), [(8000, 4), (48000, 2)])
def test_overrun_is_a_gap_of_the_lost_frames(shm_path: Path, alsa_plugin: Path, rate: int, channels: int) -> None:
    device = AlsaLine(shm_path, "card", noise(SECONDS * rate, channels), rate=rate, channels=channels)
    lines = [
        LineSpec(f"line{speak}", "alsa:card", rate, channels, speak, speak + 1, latency_s=0.1)
        for speak in range(0, channels, 2)
    ]
    with Capture(shm_path, lines, write_config(shm_path, alsa_plugin, [device])) as capture:
        rings = {line: capture.ring(line.id) for line in lines}
        until(lambda: min(ring.head for ring in rings.values()) > 2 * rate, what="audio")
        freeze(capture.child_of(lines[0].id), 0.6)
        at = max(ring.head for ring in rings.values())
        until(lambda: min(ring.head for ring in rings.values()) > at + rate, what="audio after the freeze")
        for line, ring in rings.items():
            source = channels_of(device.file.read_bytes(), channels, *line.channel_map)
            lost = missing(stretches(heard(ring), source, 2))
            assert ring.gaps() == [(number, one.at, one.frames, OVERRUN) for number, one in enumerate(lost, 1)]
            assert [one.lost for one in lost] == [one.lost for one in device.breaks]
            assert all(abs(one.frames - one.lost) <= 1 for one in lost), lost
            assert max(one.lost for one in lost) > 0.3 * rate
    assert device.overruns == len(device.breaks)


def test_freeze_within_the_buffer_loses_nothing(shm_path: Path, alsa_plugin: Path) -> None:
    device = AlsaLine(shm_path, "line0", noise(SECONDS * 8000))
    lines = [LineSpec("line0", "alsa:line0", 8000)]
    with Capture(shm_path, lines, write_config(shm_path, alsa_plugin, [device])) as capture:
        ring = capture.ring("line0")
        until(lambda: ring.head > 8000, what="audio")
        freeze(capture.child_of(lines[0].id), 0.3)
        at = ring.head
        until(lambda: ring.head > at + 8000, what="audio after the freeze")
        assert len(stretches(heard(ring), device.file.read_bytes(), 1)) == 1
        assert ring.gaps() == []
    assert device.overruns == 0
