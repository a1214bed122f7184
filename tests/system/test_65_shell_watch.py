"""`recorder watch` against the real service, over HTTP and MQTT."""

import json
import os
import pty
import signal
import subprocess
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

import pytest

from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.receiver import Receiver
from tests.system.shell import WAYS, Shell, begin, box_of_shell
from tests.waiting import until


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto, receiver: Receiver) -> Iterator[Box]:
    with box_of_shell(tmp_path_factory.mktemp("box"), broker, receiver) as box:
        yield box


@pytest.fixture
def shell(box: Box) -> Shell:
    return Shell(box.config)


class Watch:
    """A `recorder watch` that runs, and what it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.out: list[str] = []
        self.err: list[str] = []
        pairs = ((process.stdout, self.out), (process.stderr, self.err))
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in pairs]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str], lines: list[str]) -> None:
        with stream:
            lines.extend(stream)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        status = self.process.wait(20)
        for reader in self._readers:
            reader.join(20)
        return status

    def of(self, recording_id: str) -> list[dict[str, Any]]:
        """The events of a recording that it has told; of the line's health, which may name it too, none."""
        told = [json.loads(line) for line in list(self.out) if recording_id in line]
        return [event for event in told if event["event_type"] == "calling.call.record"]

    def until_it_sees(self, what: str) -> str:
        return until(lambda: next((line for line in list(self.out) if what in line), ""), 20, what)


@pytest.fixture
def watch(shell: Shell) -> Iterator[Callable[..., Watch]]:
    running: list[Watch] = []

    def start(*arguments: str) -> Watch:
        running.append(Watch(shell.start("watch", *arguments)))
        return running[-1]

    yield start
    for each in running:
        each.end(signal.SIGKILL)


def record(box: Box, line: str = "front", **parameters: object) -> str:
    """A recording of 50 ms that nobody's shell began; its recording_id, once it has ended."""
    begun = box.until_ok({"line": line, "record_call": {"max_length": 0.05, **parameters}})
    box.end_of(begun["recording_id"])
    return str(begun["recording_id"])


def seen_by(watch: Watch, box: Box, line: str = "front") -> str:
    """Record on a line until the watch tells of it; the recording_id."""

    def tried() -> str:
        recording_id = record(box, line)
        return recording_id if any(recording_id in each for each in list(watch.out)) else ""

    return until(tried, 30, "the watch to see a recording")


def connections(box: Box) -> int:
    """How many its HTTPS door has now, which the shell takes."""
    listen = tomllib.loads(box.config.read_text())["https_listen"]
    port = f":{int(listen.rpartition(':')[2]):04X}"
    established = (row.split() for row in Path("/proc/net/tcp").read_text().splitlines())
    return sum(row[1].endswith(port) and row[3] == "01" for row in established)


@WAYS
def test_watch_prints_events_as_they_were_told(box: Box, watch: Callable[..., Watch], way: tuple[str, ...]) -> None:
    watching = watch("--json", *way)
    seen_by(watching, box)
    recording_id = record(box)
    watching.until_it_sees(f'"recording_id":"{recording_id}","state":"finished"')
    assert watching.of(recording_id) == box.of(recording_id)
    assert watching.end() == 0
    assert watching.err == []


def test_watch_is_for_a_line_and_in_columns(box: Box, watch: Callable[..., Watch]) -> None:
    watching = watch("--line", "back")
    recording_id = seen_by(watching, box, "back")
    row = watching.until_it_sees(f"finished\t{recording_id}").rstrip("\n").split("\t")
    assert (row[1], row[5], row[6]) == ("back", "0.05", "max_length")
    record(box)
    seen_by(watching, box, "back")
    assert {line.split("\t")[1] for line in watching.out} == {"back"}


def test_watch_goes_back_as_far_as_is_wanted(box: Box, watch: Callable[..., Watch]) -> None:
    recording_id = record(box)
    watching = watch("--after", "0", "--json")
    watching.until_it_sees(f'"recording_id":"{recording_id}","state":"finished"')
    assert [json.loads(line)["event_id"] for line in list(watching.out)][: len(box.events)] == [
        each["event_id"] for each in box.events
    ]


def test_watch_misses_nothing_while_the_service_is_away(box: Box, watch: Callable[..., Watch]) -> None:
    before = watch("--json")
    quiet = watch("--json")  # has seen no event when it loses the service
    seen_by(before, box)
    until(lambda: connections(box) >= 2, 20, "both to be connected")
    begun = box.until_ok({"line": "front", "record_call": {"control_id": "over"}})
    recording_id = begun["recording_id"]
    box.until_told(recording_id, lambda params: params["state"] == "recording")
    box.kill("serve")
    until(lambda: any("trying again" in line for line in before.err), 20, "the loss to be told")
    box.start("serve")
    box.until_ok({"line": "front", "command": "calling.record.stop", "params": {"control_id": "over"}})
    box.end_of(recording_id)
    for each in (before, quiet):
        each.until_it_sees(f'"recording_id":"{recording_id}","state":"finished"')
        assert [event["seq"] for event in each.of(recording_id)] == [0, 1]


def test_watch_draws_lines_and_events_on_a_terminal(shell: Shell, box: Box) -> None:
    ours, theirs = pty.openpty()
    shown = bytearray()

    def read() -> None:
        with suppress(OSError):  # so a terminal says that nobody writes to it any more
            while piece := os.read(ours, 65536):
                shown.extend(piece)

    reader = threading.Thread(target=read, daemon=True)
    with shell.start("watch", stdout=theirs) as process, ExitStack() as at_last:
        at_last.callback(process.kill)
        os.close(theirs)
        reader.start()
        until(lambda: b"back" in shown, 20, "the lines")
        recording_id = begin(shell, box, "--control-id", "drawn")["recording_id"]
        until(lambda: b"recording" in shown and b"drawn" in shown, 20, "the recording")
        assert shell("stop", "drawn", "--line", "front").returncode == 0
        box.end_of(recording_id)
        until(lambda: b"stop_command" in shown, 20, "its end")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    reader.join(20)
    os.close(ours)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")  # the cursor came back
