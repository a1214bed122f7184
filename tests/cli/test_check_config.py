"""`recorder check-config`."""

import os
from types import SimpleNamespace

from recorder.cli import exits
from recorder.cli.main import main


def test_every_fault_is_printed_with_its_place(tmp_path, capsys):
    path = tmp_path / "recorder.toml"
    path.write_text('ring_seconds = 1\nnode_ident = "a"\n[lines.a]\nrate = 5')
    assert main(["check-config", "--config", str(path)]) == exits.CONFIG
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 4
    assert all(line.startswith(f"{path}: ") for line in told)


def test_missing_file_is_a_fault(tmp_path, capsys):
    assert main(["check-config", "--config", str(tmp_path / "absent")]) == exits.CONFIG
    assert "no such file" in capsys.readouterr().err


def test_config_in_order_is_said_to_be(tmp_path, capsys):
    path = tmp_path / "recorder.toml"
    path.write_text('[lines.a]\ndevice = "alsa:hw:1"')
    assert main(["check-config", "--quiet", "--config", str(path)]) == exits.FINISHED
    assert capsys.readouterr().out == "in order: 1 lines\n"


def test_show_prints_every_value_and_where_it_was_given(tmp_path, capsys, monkeypatch):
    path = tmp_path / "recorder.toml"
    path.write_text('[lines.a]\ndevice = "alsa:hw:1"\n[lines.a.defaults]\nmax_length = 60')
    monkeypatch.setenv("RECORDER_LOG_LEVEL", "debug")
    assert main(["check-config", "--config", str(path)]) == exits.FINISHED
    told = capsys.readouterr().out.splitlines()
    assert 'log_level = "debug"  # RECORDER_LOG_LEVEL' in told
    assert "keep_no_input = false  # default" in told
    assert f'lines.a.device = "alsa:hw:1"  # {path}' in told
    assert "lines.a.playback = none  # default" in told
    assert f"lines.a.defaults.max_length = 60  # {path}" in told


def test_rings_that_have_no_room_are_a_fault(tmp_path, capsys, monkeypatch):
    path = tmp_path / "recorder.toml"
    path.write_text(f'runtime_dir = "{tmp_path}/run"\n[lines.a]\ndevice = "alsa:hw:1"')
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=100, f_frsize=4096))
    assert main(["check-config", "--config", str(path)]) == exits.CONFIG
    assert "rings of 30 s need 0.5 MiB" in capsys.readouterr().err
