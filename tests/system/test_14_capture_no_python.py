"""PortAudio's thread runs compiled code alone: capture works where no memory may become executable."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.noise import noise
from tests.system.capture import Capture, heard
from tests.system.stretches import Stretch, stretches
from tests.waiting import until

PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1  # Linux 6.3; what systemd's MemoryDenyWriteExecute sets there
PRCTL = ctypes.CDLL(None, use_errno=True).prctl  # looked up here: after fork() nothing may be loaded

MAP_EXECUTABLE = "import mmap as m; m.mmap(-1, 4096, prot=m.PROT_WRITE | m.PROT_EXEC)"


def deny_write_execute() -> None:
    if PRCTL(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_MDWE")


@pytest.fixture(autouse=True)
def _kernel_can_deny() -> None:
    """Skip on kernels before 6.3, which know no PR_SET_MDWE; fail if it is set without effect."""
    release = tuple(int(part) for part in os.uname().release.split(".")[:2])
    if release < (6, 3):
        pytest.skip(f"PR_SET_MDWE needs Linux 6.3, this is {os.uname().release}")
    python = subprocess.run(
        [sys.executable, "-c", MAP_EXECUTABLE], preexec_fn=deny_write_execute, capture_output=True, check=False
    )
    assert b"PermissionError" in python.stderr


def test_capture_works_where_memory_cannot_become_executable(shm_path: Path, alsa_plugin: Path) -> None:
    device = AlsaLine(shm_path, "line0", noise(8000))
    speaker = AlsaSpeaker(shm_path, "out", rate=8000, channels=1)
    lines = [LineSpec("line0", "alsa:line0", 8000, playback="alsa:out")]
    config = write_config(shm_path, alsa_plugin, [device, speaker])
    with Capture(shm_path, lines, config, preexec=deny_write_execute) as capture:
        ring = capture.ring("line0")
        until(lambda: ring.head >= 12000, what="audio")
        assert stretches(heard(ring), device.file.read_bytes(), 1) == [Stretch(0, 0, 8000)]
        with capture.talk() as talk:
            talk.say(play={"line": "line0", "tone": {"hz": 1000, "seconds": 0.1}})
            assert ["started" in talk.answer(), "ended" in talk.answer()] == [True, True]
    assert any(speaker.played)
