"""Every command of the pages runs as it stands there, against a real box, broker and receiver."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, Block, all_blocks, blocks
from tests.docs.desk import Desk

COMMANDS = {page: [block for block in blocks(page) if block.language == "sh"] for page in PAGES}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.mark.parametrize("page", [page for page, found in COMMANDS.items() if found])
def test_the_commands_of_a_page_run(desk: Desk, page: str) -> None:
    desk.run(COMMANDS[page])


@pytest.mark.parametrize("block", all_blocks("sh"), ids=str)
def test_a_command_is_well_formed(block: Block) -> None:
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)


def test_the_control_socket_takes_what_its_page_shows(desk: Desk) -> None:
    shown = [json.loads(line) for block in blocks("docs/control-socket.md") for line in block.text.splitlines()]
    commands = [each for each in shown if "line" in each]
    assert [desk.box.ask(command)["code"] for command in commands] == [200] * len(commands)
    assert {type(answer) for answer in shown} == {dict}


def test_the_reader_of_tracks_reads_one(desk: Desk, tmp_path: Path) -> None:
    [code] = [block for block in blocks("docs/track.md") if block.language == "python"]
    started = desk.box.until_ok({"line": "desk", "record_call": {"max_length": 2}})
    desk.box.end_of(started["recording_id"])
    track = desk.box.file_of(started["recording_id"], "track")
    (tmp_path / "read.py").write_text(code.text)
    told = subprocess.check_output(["python3", str(tmp_path / "read.py"), str(track)], text=True)
    assert [line.split()[:2] for line in told.splitlines()] == [["0", "8000"], ["1", "8000"]]
