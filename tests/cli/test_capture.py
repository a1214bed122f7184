"""`recorder capture` and `recorder devices`: thin, and wired to the right place."""

import json
import os
import subprocess
import sys
import wave

import pytest

from recorder.cli import exits
from recorder.cli.main import main
from tests.alsa.device import AlsaLine, write_config
from tests.waiting import until


def test_capture_fills_the_rings_of_the_configured_lines(tmp_path):
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(4 * 800))
    config = tmp_path / "recorder.toml"
    config.write_text(f'runtime_dir = "{tmp_path}/run"\n[lines.desk]\ndevice = "file:{tmp_path}/x.wav"\nloop = true')
    process = subprocess.Popen([sys.executable, "-m", "recorder", "capture", "--config", str(config)])
    try:
        until((tmp_path / "run-capture/desk.ring").exists, 10, "the ring")
        process.terminate()
        assert process.wait(10) == exits.FINISHED
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("command", ["capture", "serve"])
def test_bad_configuration_has_its_status(tmp_path, capsys, command):
    config = tmp_path / "recorder.toml"
    config.write_text("ring_seconds = 1")
    assert main([command, "--config", str(config)]) == exits.CONFIG
    assert "ring_seconds" in capsys.readouterr().err


def test_devices_lists_what_can_be_recorded_from(tmp_path, alsa_plugin):
    lines = [AlsaLine(tmp_path, "desk", bytes(4 * 16000), rate=16000, channels=2)]
    environ = {**os.environ, "ALSA_CONFIG_PATH": str(write_config(tmp_path, alsa_plugin, lines))}
    command = [sys.executable, "-m", "recorder", "devices"]
    listed = json.loads(subprocess.check_output([*command, "--json"], env=environ))
    assert [(each["name"], each["channels"], each["rates"]) for each in listed] == [("desk", 2, [16000])]
    assert subprocess.check_output(command, env=environ, text=True).startswith("alsa:desk  up to 2 channels  16000 Hz")
