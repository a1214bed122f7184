"""The command line around the commands: finding them, help, version, exit statuses."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import recorder
from recorder.cli import exits, main

REFERENCE = (Path(__file__).parents[2] / "docs/shell.md").read_text()


def status_of(*arguments):
    with pytest.raises(SystemExit) as ended:
        sys.exit(main.main(arguments))
    return ended.value.code


def test_version_is_told(capsys):
    assert status_of("--version") == 0
    assert capsys.readouterr().out == f"recorder {recorder.__version__}\n"


def test_help_lists_commands_and_statuses(capsys):
    assert status_of("--help") == 0
    told = capsys.readouterr().out
    assert all(f"  {name}" in told for name in main.COMMANDS)
    assert all(meaning in told for meaning in exits.MEANINGS.values())


def test_no_command_is_a_usage_error(capsys):
    assert status_of() == exits.USAGE
    assert "a command is missing" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["recrd", "x\n\x1b[31m", "--what", "x" * 10_000])
def test_unknown_command_is_a_usage_error(capsys, name):
    assert status_of(name) == exits.USAGE
    told = capsys.readouterr().err
    assert len(told) < 500
    assert "\x1b" not in told


def test_unknown_command_is_suggested(capsys):
    status_of("recrd")
    assert 'did you mean "record"?' in capsys.readouterr().err


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_has_help(capsys, name):
    assert status_of(name, "--help") == 0
    assert f"usage: recorder {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["capture", "serve", "devices", "check-config"])
def test_unknown_option_is_a_usage_error(capsys, name):
    assert status_of(name, "--nonsense") == exits.USAGE
    assert "--nonsense" in capsys.readouterr().err


def test_help_imports_no_command():
    code = (
        "import sys\nfrom recorder.cli.main import main\n"
        "try:\n    main(['--help'])\nfinally:\n"
        "    sys.exit(' '.join({'asyncio', 'sqlite3', 'numpy', 'sounddevice', 'recorder.capture'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""


@pytest.mark.parametrize("name", ["start", "stop", "ls", "export", "watch"])
def test_commands_to_the_service_load_little(name):
    heavy = "{'asyncio', 'sqlite3', 'numpy', 'sounddevice', 'aiohttp', 'paho', 'rich', 'recorder._dsp'}"
    code = f"import sys, recorder.cli.{name}; sys.exit(' '.join({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""


def test_serve_loads_nothing_that_a_box_may_never_need():
    heavy = "{'numpy', 'paho', 'yaml', 'av', 'lameenc', 'cryptography', 'rich', 'sounddevice'}"
    code = f"import sys, recorder.cli.serve; sys.exit(' '.join({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""


def test_module_is_the_command():
    ended = subprocess.run([sys.executable, "-m", "recorder", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"recorder {recorder.__version__}\n"


def test_interrupt_ends_with_its_status(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_command", interrupted)
    assert main.main(["devices"]) == exits.INTERRUPTED


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_reader_that_goes_away_is_no_traceback(buffering):
    reader, writer = os.pipe()
    os.close(reader)
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ended = subprocess.run(
        [sys.executable, "-m", "recorder", "check-config", "--show"],
        env={**environ, **buffering},
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (exits.IO_ERROR, b"")


def test_output_without_room_is_said(tmp_path):
    config = tmp_path / "recorder.toml"
    config.write_text('[lines.front]\ndevice = "alsa:x"\n')
    command = [sys.executable, "-m", "recorder", "check-config", "--config", str(config)]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == exits.IO_ERROR
    assert ended.stderr == b"recorder: the output can't be written: No space left on device\n"


def test_standard_streams_that_are_closed_are_nothing_to_fall_over():
    code = (
        "import os, sys\nfrom recorder.cli.main import main\n"
        "for fd in (0, 1, 2): os.close(fd)\n"
        "sys.stdin = sys.stdout = sys.stderr = None\n"
        "status = main(['check-config'])\n"
        "os._exit(status or os.open(os.devnull, os.O_RDONLY) < 3)"  # a file of ours must not be where a print goes
    )
    assert subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, check=False).returncode == 0


@pytest.mark.parametrize("name", ["ls", "deliveries", "watch"])
def test_reference_lists_columns(name):
    columns = import_module(f"recorder.cli.{name}").COLUMNS
    assert f"| `{name}` | {', '.join(column.name for column in columns)} |" in REFERENCE


def test_reference_lists_commands_and_statuses():
    assert "\n".join(f"| `recorder {name}` | {meaning} |" for name, meaning in main.COMMANDS.items()) in REFERENCE
    assert "\n".join(f"| {status} | {meaning} |" for status, meaning in exits.MEANINGS.items()) in REFERENCE
