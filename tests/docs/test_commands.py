"""Every command of the pages runs as it stands there, against a real box, broker and receiver."""

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import PAGES, ROOT, Block, all_blocks, blocks
from tests.docs.desk import SIGNING_KEY, STANDARD_KEY, Desk
from tests.waiting import until

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


def test_a_receiver_that_checks_signatures_as_shown_takes_ours_and_no_other(desk: Desk) -> None:
    [code] = [block for block in blocks("docs/webhooks.md") if block.language == "python"]
    checks: dict[str, Any] = {}
    exec(code.text, checks)  # because it is the page's
    url = desk.receiver.url("/signed")
    started = desk.box.until_ok({"line": "desk", "record_call": {"max_length": 1, "status_url": url}})
    desk.box.end_of(started["recording_id"])
    [first, *_] = until(lambda: [got for got in desk.receiver.got if got.target == "/signed"], 20, "a webhook")
    headers = {name.lower(): value for name, value in first.headers.items()}
    for body, right in ((first.body, True), (first.body + b" ", False)):
        assert checks["signed_as_signalwire"](SIGNING_KEY, url, headers, body) is right
        assert checks["signed_by_standard"](STANDARD_KEY, headers, body) is right


def test_the_page_of_http_lists_every_route(desk: Desk) -> None:
    page = (ROOT / "docs/http.md").read_text()
    with urllib.request.urlopen(f"{desk.box.http}/openapi.json", timeout=20) as answer:
        paths = json.load(answer)["paths"]
    told = {re.sub(r"\{(\w+)\}", lambda name: name[1].upper(), path) for path in paths}
    assert {path for path in told if f"{path.removesuffix('/ID')}" not in page} == set()
