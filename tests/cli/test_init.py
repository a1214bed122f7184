"""`recorder init`: a first configuration."""

import stat

import pytest

from recorder.capture.devices import CaptureDevice, ListingFailed
from recorder.cli import exits, init
from recorder.cli.main import main
from recorder.config.load import load
from tests.alsa.device import AlsaLine, write_config

CARDS = [
    CaptureDevice("hw:0,0", "USB line", 2, (8000, 48000)),
    CaptureDevice("hw:1,0", "Eight channels", 8, (44100, 48000)),
    CaptureDevice("default", "", 64, (8000,)),
]


def found(monkeypatch, devices):
    monkeypatch.setattr(init, "capture_devices", lambda: devices)


def test_cards_become_lines_that_check_config_takes(tmp_path, monkeypatch, capsys):
    found(monkeypatch, CARDS)
    path = tmp_path / "recorder.toml"
    assert main(["init", "--config", str(path)]) == exits.FINISHED
    assert capsys.readouterr().out == f"{path}: 2 line(s)\n"
    lines = load(path, {}).lines.values()
    assert [(line.device, line.rate, line.channels) for line in lines] == [
        ("alsa:hw:0,0", 8000, 2),
        ("alsa:hw:1,0", 44100, 2),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_is_there_stays_unless_forced(tmp_path, monkeypatch, capsys):
    found(monkeypatch, CARDS)
    path = tmp_path / "recorder.toml"
    path.write_text("mine")
    assert main(["init", "--config", str(path)]) == exits.CANT_CREATE
    assert "--force" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["init", "--force", "--config", str(path)]) == exits.FINISHED
    assert "hw:0,0" in path.read_text()


def unasked():
    raise ListingFailed("no PortAudio here")


@pytest.mark.parametrize("devices", [list, unasked])
def test_without_cards_the_file_is_an_example(tmp_path, monkeypatch, devices):
    monkeypatch.setattr(init, "capture_devices", devices)
    path = tmp_path / "etc/recorder.toml"
    assert main(["init", "--config", str(path)]) == exits.FINISHED
    assert not load(path, {}).lines
    path.write_text(path.read_text().replace("#[", "[").replace("#device", "device").replace("#rate", "rate"))
    assert list(load(path, {}).lines) == ["front"]


def test_the_cards_are_asked(tmp_path, alsa_plugin, monkeypatch):
    lines = [AlsaLine(tmp_path, "desk", bytes(4 * 16000), rate=16000, channels=2)]
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(write_config(tmp_path, alsa_plugin, lines)))
    path = tmp_path / "recorder.toml"
    assert main(["init", "--config", str(path)]) == exits.FINISHED
    [line] = load(path, {}).lines.values()
    assert (line.device, line.rate, line.channels) == ("alsa:desk", 16000, 2)


def test_a_place_that_can_t_be_written_is_said(tmp_path, monkeypatch, capsys):
    found(monkeypatch, CARDS)
    (tmp_path / "file").touch()
    assert main(["init", "--config", str(tmp_path / "file/recorder.toml")]) == exits.CANT_CREATE
    assert "recorder init: " in capsys.readouterr().err
