"""What the control socket takes and refuses; a playback's way through it is in tests/system."""

import asyncio
import json
import math
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from recorder.capture.beeps import Beeps
from recorder.capture.control import LONGEST_LINE, BadRequest, Control, parse_sound
from recorder.capture.spec import LineSpec, Site

LINES = (LineSpec("mute", "alsa:a"), LineSpec("loud", "alsa:b", playback="alsa:b"))


@pytest.fixture
async def socket_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    monkeypatch.setattr("recorder.capture.beeps.START_S", 0.0)
    beeps = Beeps(LINES, Site(tmp_path, 1.0), asyncio.Lock())
    path = tmp_path / "control.sock"
    async with Control(path, {line.id: line for line in LINES}, beeps, lambda: {"lines": {}}):
        yield path


async def ask(path: Path, *lines: bytes) -> list[dict[str, Any]]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.writelines(lines)
    answers = [json.loads(await reader.readline()) for _ in lines]
    writer.close()
    return answers


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_socket_is_for_owner_and_group(socket_path: Path) -> None:
    assert mode(socket_path) == 0o660


async def test_status_is_answered_with_the_id_of_any_kind(socket_path: Path) -> None:
    answers = await ask(socket_path, b'{"id": {"a": 1}, "status": {}}\n', b'{"status": {}}\n')
    assert answers == [{"id": {"a": 1}, "status": {"lines": {}}}, {"id": None, "status": {"lines": {}}}]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"\xff\xfe\n", "not a JSON object"),
        (b"[1]\n", "not a JSON object"),
        (b"[" * 60000 + b"\n", "not a JSON object"),
        (b"{}\n", "one of play, stop, status"),
        (b'{"play": {}, "stop": {}}\n', "one of play, stop, status"),
        (b'{"dance": {}}\n', "one of play, stop, status"),
        (b'{"status": 1}\n', "status is an object"),
        (b'{"status": {"x": 1}}\n', "status has no x"),
        (b'{"play": []}\n', "play is an object"),
        (b'{"play": {"line": ["mute"]}}\n', "play.line is one of mute, loud"),
        (b'{"play": {"line": "x"}}\n', "play.line is one of mute, loud"),
        (b'{"play": {"line": "loud", "volume": 3}}\n', "play has no volume"),
        (b'{"play": {"line": "mute", "tone": {}}}\n', "line mute has no playback device"),
        (b'{"play": {"line": "loud", "tone": {}}}\n', "the playback process is not running"),
        (b'{"stop": {"line": "loud"}}\n', "nothing is being played on line loud"),
    ],
)
async def test_request_is_refused_by_name(socket_path: Path, line: bytes, says: str) -> None:
    (answer,) = await ask(socket_path, line)
    assert says in answer["error"]


async def test_endless_line_ends_the_connection(socket_path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(socket_path)
    writer.write(b"x" * (LONGEST_LINE + 1))
    assert "at most" in json.loads(await reader.readline())["error"]
    assert await reader.read() == b""
    writer.close()
    assert (await ask(socket_path, b'{"status": {}}\n'))[0]["status"]


def test_tone_has_defaults() -> None:
    assert parse_sound({"tone": {}}, 8000) == {"tone": {"hz": 1000.0, "seconds": 0.4, "dbfs": -12.0, "rate": 8000}}


@pytest.mark.parametrize(
    ("play", "says"),
    [
        ({}, "a tone or a file"),
        ({"tone": {}, "file": "/x"}, "a tone or a file"),
        ({"file": "x.wav"}, "absolute path"),
        ({"file": "/x\0"}, "absolute path"),
        ({"tone": {"hz": True}}, "tone.hz is a number"),
        ({"tone": {"hz": "1000"}}, "tone.hz is a number"),
        ({"tone": {"hz": math.nan}}, "tone.hz is a number"),
        ({"tone": {"hz": 3601}}, "tone.hz is 20 to 3600"),
        ({"tone": {"seconds": 10.1}}, "tone.seconds is 0.01 to 10"),
        ({"tone": {"dbfs": 1}}, "tone.dbfs is -60 to 0"),
        ({"tone": {"loud": 1}}, "play.tone has no loud"),
    ],
)
def test_sound_is_refused_by_name(play: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        parse_sound(play, 8000)
