"""The manual pages and the completion say all that the program knows."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from packages import completion
from packages.commands import commands
from packages.manual import SERVICE, pages
from recorder.cli import exits
from recorder.cli.main import COMMANDS
from recorder.config.keys import BOUNDS_KEYS, KEYS, LINE_KEYS, TABLES, TOKEN_KEYS

PAGES = {name: "\n".join(lines) + "\n" for name, lines in pages().items()}


def unrolled(text: str) -> str:
    """Without roff's escapes."""
    return re.sub(r"\\f[BRI]", "", text).replace("\\-", "-").replace("\\&", "")


def test_every_command_option_and_status_is_in_a_page():
    for command in commands():
        page = unrolled(PAGES["recorder.8" if command.name in SERVICE else "recorder.1"])
        assert f"recorder {command.name}" in page
        for option in command.options:
            assert all(flag in page for flag in option.flags if flag not in {"-h", "--help"}), option
            assert not option.flags or option.help, (command.name, option)
    for page in ("recorder.1", "recorder.8"):
        assert all(meaning in unrolled(PAGES[page]) for meaning in exits.MEANINGS.values())


def test_every_key_is_in_the_page_of_the_configuration():
    page = unrolled(PAGES["recorder.toml.5"])
    tables = {"": KEYS, **TABLES, "tokens": TOKEN_KEYS, "lines": LINE_KEYS, "retention": BOUNDS_KEYS}
    for keys in tables.values():
        for name, key in keys.items():
            assert f".B {name}\n" in page
            assert key.meaning.partition("; default: ")[0].replace("`", "")[:20].split("[")[0] in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_roff_has_nothing_to_say_against_a_page(name, tmp_path):
    (tmp_path / name).write_text(PAGES[name])
    told = subprocess.run(
        ["groff", "-ww", "-man", "-Tascii", tmp_path / name], check=True, capture_output=True, text=True
    )
    assert told.stderr == ""
    assert "DESCRIPTION" in re.sub(".\b", "", told.stdout)  # bold is a letter struck twice


def complete(tmp_path: Path, *words: str) -> set[str]:
    """What bash would offer for the last of the words."""
    completion.main(tmp_path)
    script = (
        f". {tmp_path}/recorder.bash; COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}; "
        '_recorder; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return set(subprocess.check_output(["bash", "-c", script], text=True).split())


def test_bash_completes_commands_and_their_options(tmp_path):
    assert complete(tmp_path, "recorder", "") == {*COMMANDS, "--help", "--version"}
    assert complete(tmp_path, "recorder", "che") == {"check-config"}
    assert "--terminators" in complete(tmp_path, "recorder", "start", "--te")
    assert "--terminators" not in complete(tmp_path, "recorder", "stop", "--")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_its_completion(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    completion.main(tmp_path)
    subprocess.run([shell, "-n", tmp_path / f"recorder.{shell}"], check=True)
    text = (tmp_path / f"recorder.{shell}").read_text()
    assert all(name in text for name in COMMANDS)
