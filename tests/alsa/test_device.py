"""The device made of files is as exact, and as hard, as hardware; arecord and aplay are the witnesses."""

import signal
import time
from pathlib import Path

import pytest

from tests.alsa.arecord import complaint_of, recorded_by
from tests.alsa.conftest import Aplay, Arecord
from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.noise import noise
from tests.waiting import until


def boottime_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("access", [(), ("--mmap",)], ids=["read", "mmap"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (48000, 2), (16000, 16), (8000, 32)])
def test_line_is_captured_bit_for_bit(
    tmp_path: Path, alsa_plugin: Path, arecord: Arecord, *, rate: int, channels: int, access: tuple[str, ...]
) -> None:
    source = noise(2 * rate, channels)
    line = AlsaLine(tmp_path, "line0", source, rate=rate, channels=channels, speed=4)
    config = write_config(tmp_path, alsa_plugin, [line])
    heard = recorded_by(arecord(config, "line0", rate, channels, 2 * rate, "--buffer-time=4000000", *access))
    assert heard == source
    assert (line.overruns, line.starts, line.given) == (0, 1, 2 * rate)


@pytest.mark.parametrize("access", [(), ("--mmap",)], ids=["read", "mmap"])
def test_speaker_keeps_what_is_played_at_the_pace_of_its_rate(
    tmp_path: Path, alsa_plugin: Path, aplay: Aplay, access: tuple[str, ...]
) -> None:
    speaker = AlsaSpeaker(tmp_path, "out", rate=16000, channels=1)
    config = write_config(tmp_path, alsa_plugin, [speaker])
    sound = noise(8000)
    began = boottime_ns()
    aplay(config, "out", 16000, sound, *access)
    assert speaker.played[: len(sound)] == sound
    assert began < speaker.time_of(0) < speaker.time_of(8000) < boottime_ns()
    assert speaker.time_of(8000) - speaker.time_of(0) == 500_000_000


def test_overrun_loses_the_frames_that_it_counts(tmp_path: Path, alsa_plugin: Path, arecord: Arecord) -> None:
    line = AlsaLine(tmp_path, "line0", noise(32000))
    config = write_config(tmp_path, alsa_plugin, [line])
    process = arecord(config, "line0", 8000, 1, 8000, "--buffer-time=200000", "--period-time=20000")
    until(lambda: line.given > 1000)
    process.send_signal(signal.SIGSTOP)
    began = line.frame_at(boottime_ns())
    until(lambda: line.frame_at(boottime_ns()) > began + 4000)
    process.send_signal(signal.SIGCONT)
    heard = recorded_by(process)
    assert heard == line.handed_out[:16000]
    assert line.overruns == len(line.breaks)
    assert max(one.lost for one in line.breaks) > 2000


def test_stall_gives_nothing_and_then_goes_on_with_the_present(
    tmp_path: Path, alsa_plugin: Path, arecord: Arecord
) -> None:
    line = AlsaLine(tmp_path, "line0", noise(32000))
    config = write_config(tmp_path, alsa_plugin, [line])
    process = arecord(config, "line0", 8000, 1, 8000)
    until(lambda: line.given > 1000)
    line.stall()
    began = line.frame_at(boottime_ns())
    until(lambda: line.frame_at(boottime_ns()) > began + 2000)
    line.plug()
    heard = recorded_by(process)
    assert heard == line.handed_out[:16000]
    assert line.overruns == len(line.breaks) - 1
    assert max(one.lost for one in line.breaks) > 1500


def test_unplugged_line_fails_its_reader_and_every_open_until_it_is_back(
    tmp_path: Path, alsa_plugin: Path, arecord: Arecord
) -> None:
    source = noise(160_000)
    line = AlsaLine(tmp_path, "line0", source)
    config = write_config(tmp_path, alsa_plugin, [line])
    reader = arecord(config, "line0", 8000, 1, 80_000)
    until(lambda: line.given > 1000)
    line.unplug()
    assert complaint_of(reader)
    assert "No such device" in complaint_of(arecord(config, "line0", 8000, 1, 100))
    line.plug()
    heard = recorded_by(arecord(config, "line0", 8000, 1, 800))
    assert heard == source[2 * line.breaks[-1].started_at :][:1600]


def test_broken_line_opens_but_gives_no_frame(tmp_path: Path, alsa_plugin: Path, arecord: Arecord) -> None:
    line = AlsaLine(tmp_path, "line0", noise(16000))
    config = write_config(tmp_path, alsa_plugin, [line])
    line.break_()
    reader = arecord(config, "line0", 8000, 1, 8000)
    assert complaint_of(reader)
    assert (line.starts, line.given) == (1, 0)


def test_line_has_one_opener_at_a_time(tmp_path: Path, alsa_plugin: Path, arecord: Arecord) -> None:
    line = AlsaLine(tmp_path, "line0", noise(16000))
    config = write_config(tmp_path, alsa_plugin, [line])
    reader = arecord(config, "line0", 8000, 1, 4000)
    until(lambda: line.given > 0)
    assert "busy" in complaint_of(arecord(config, "line0", 8000, 1, 100))
    recorded_by(reader)


def test_line_is_no_speaker(tmp_path: Path, alsa_plugin: Path, arecord: Arecord) -> None:
    config = write_config(tmp_path, alsa_plugin, [AlsaSpeaker(tmp_path, "out", rate=8000, channels=1)])
    assert "No such device" in complaint_of(arecord(config, "out", 8000, 1, 100))
