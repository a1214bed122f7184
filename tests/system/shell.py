"""What the tests of the shell share: its commands, a box that they speak to, a recording that they begin."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.receiver import Receiver
from tests.noise import noise
from tests.ports import free_port
from tests.wav import write_wav

TOKEN = "a-token-of-the-tests"
WAYS = pytest.mark.parametrize("way", [(), ("--mqtt",)], ids=["http", "mqtt"])


class Shell:
    """Runs `recorder COMMAND`, with the box's configuration and no other environment."""

    def __init__(self, config: Path, **environ: str) -> None:
        self._config = config
        self._environ = {**{name: each for name, each in os.environ.items() if name != "RECORDER_TOKEN"}, **environ}

    def __call__(self, command: str, *arguments: str, config: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._line(command, arguments, config=config),
            capture_output=True,
            text=True,
            env=self._environ,
            timeout=60,
            check=False,
        )

    def start(self, command: str, *arguments: str, stdout: Any = subprocess.PIPE) -> subprocess.Popen[str]:
        line = self._line(command, arguments, config=True)
        return subprocess.Popen(line, stdout=stdout, stderr=subprocess.PIPE, text=True, env=self._environ)

    def json(self, command: str, *arguments: str) -> list[dict[str, Any]]:
        """The objects that a command prints, once it has ended well."""
        ended = self(command, *arguments, "--json")
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def _line(self, command: str, arguments: Sequence[str], *, config: bool) -> list[str]:
        where = ["--config", str(self._config)] if config else []
        return [sys.executable, "-m", "recorder", command, *where, *arguments]


@contextmanager
def box_of_shell(folder: Path, broker: Mosquitto, receiver: Receiver) -> Iterator[Box]:
    """Two lines, both listeners, a token that is taken over TLS only."""
    wav = write_wav(folder / "line.wav", noise(8000 * 5))
    line = {"device": f"file:{wav}", "loop": True}
    doors: dict[str, Any] = {
        "http_listen": f"127.0.0.1:{free_port()}",
        "https_listen": f"127.0.0.1:{free_port()}",
        "token": TOKEN,
        "mqtt": {"url": broker.url},
        "webhook": {"allow": [f"127.0.0.1:{receiver.port}"]},
    }
    with Box(folder, {"front": line, "back": line}, **doors) as box:
        box.start("serve")
        box.start("capture")
        for name in ("front", "back"):
            box.until_ok({"line": name, "record_call": {"max_length": 0.1}})
        yield box


def begin(shell: Shell, box: Box, *arguments: str) -> dict[str, Any]:
    """Start a recording on the front line; its answer, once it is told."""
    [answer] = shell.json("start", "--line", "front", *arguments)
    box.until_told(answer["data"]["recording_id"], lambda params: params["state"] == "recording")
    data: dict[str, Any] = answer["data"]
    return data
