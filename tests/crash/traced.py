"""A traced day of a box in seven seconds: start, record, pause, resume, finish, erase, restart, with what was told."""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.box import Box
from tests.crash.decoding import FORMATS, LOSS_S
from tests.crash.disk import Op, Operation, environment, mark, read_trace
from tests.crash.image import Disk, Image
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

RATE = 8000
SYNC_MS = 4  # a disk that takes its time, so that cuts fall into syncs


@dataclass(frozen=True, slots=True)
class Told:
    """Something the box said, behind operation `number` of the trace."""

    number: int
    at: float  # Unix s
    what: dict[str, Any]


@dataclass
class Day:
    """The trace, and what came of it undisturbed."""

    root: Path
    operations: list[Operation]
    start: Image
    kept: dict[str, bytes] = field(default_factory=dict)  # recording_id: the file, once it was whole

    @cached_property
    def disk(self) -> Disk:
        return Disk(self.start, self.operations)

    @cached_property
    def events(self) -> list[Told]:
        """Events as they were printed."""
        return [told for told in self._lines(1) if "event_type" in told.what]

    @cached_property
    def answers(self) -> dict[str, Told]:
        """Answers of success, by their transaction."""
        good = [told for told in self._lines(0) if told.what.get("status") == "ok"]
        return {told.what["transaction"]: told for told in good if "transaction" in told.what}

    @cached_property
    def marks(self) -> dict[str, Told]:
        """The test's own marks."""
        marks = [(k, each) for k, each in enumerate(self.operations, 1) if each.op is Op.MARK]
        return {each.data.decode(): Told(k, each.at, {}) for k, each in marks}

    @cached_property
    def ends(self) -> dict[str, Told]:
        """The last event of each recording."""
        return {told.what["params"]["recording_id"]: told for told in self.events if "record" in told.what["params"]}

    def named(self, control_id: str) -> str:
        """The recording_id."""
        return str(self.answers[f"start {control_id}"].what["data"]["recording_id"])

    def _lines(self, inode: int) -> Iterator[Told]:
        for k, each in enumerate(self.operations, 1):
            if each.op is Op.TOLD and each.inode == inode:
                for line in each.data.splitlines():
                    if line.startswith(b"{"):
                        yield Told(k, each.at, json.loads(line))


class Hand:
    """Whoever uses the traced box: each thing is done to a recording in each format."""

    def __init__(self, box: Box, trace: Path) -> None:
        self.box = box
        self.trace = trace
        self.kept: dict[str, bytes] = {}
        self.ids: dict[str, str] = {}  # by control_id

    def ask(self, transaction: str, **command: Any) -> dict[str, Any]:
        """A command that is carried out; its data."""
        params = {"transaction": transaction, "command_id": f"{transaction}!", "line": "front", **command}
        return self.box.until_ok(params)

    def start(self, name: str, **audio: Any) -> None:
        audio = {"direction": "both", "initial_timeout": 0, "end_silence_timeout": 0, "terminators": ""} | audio
        for suffix in FORMATS:
            control_id = f"{name}.{suffix}"
            body = {"control_id": control_id, "record": {"audio": audio | {"format": suffix}}}
            data = self.ask(f"start {control_id}", command="calling.record", params=body)
            self.ids[control_id] = data["recording_id"]
        for suffix in FORMATS:
            self.box.until_told(self.ids[f"{name}.{suffix}"], lambda params: params["state"] == "recording")

    def steer(self, verb: str, name: str, **more: Any) -> None:
        for suffix in FORMATS:
            params = {"control_id": f"{name}.{suffix}", **more}
            self.ask(f"{verb} {name}.{suffix}", command=f"calling.record.{verb}", params=params)

    def listen(self, seconds: float) -> None:
        """Until the line has said so much more."""
        deadline = time.monotonic() + seconds
        until(lambda: time.monotonic() >= deadline, seconds + 5, "time")

    def end(self, name: str) -> None:
        """Wait for it, and keep the files."""
        for suffix in FORMATS:
            recording_id = self.ids[f"{name}.{suffix}"]
            self.box.end_of(recording_id)
            [file] = (self.box.folder / "disk/recordings").rglob(f"{recording_id}.{suffix}")
            self.kept[recording_id] = file.read_bytes()

    def erase(self, name: str) -> None:
        for suffix in FORMATS:
            url = f"{self.box.http}/api/relay/rest/recordings/{self.ids[f'{name}.{suffix}']}"
            mark(self.trace, f"erasing {name}.{suffix}")
            with urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=10) as answer:
                assert answer.status == 204
            mark(self.trace, f"erased {name}.{suffix}")


def live_a_day(folder: Path, library: Path) -> Day:
    """Let a box live it, and give what was traced."""
    root, trace = folder / "disk", folder / "trace"
    for directory in (root / "state", root / "recordings"):
        directory.mkdir(parents=True)
    start = Image.of(root)
    line = write_wav(folder / "line.wav", noise(5 * RATE * 2), channels=2)
    environ = environment(library, root, trace=trace) | {"DISK_SYNC_MS": str(SYNC_MS)}
    places = {"state_dir": str(root / "state"), "recordings_dir": str(root / "recordings")}
    with Box(folder, {"front": {"device": f"file:{line}", "loop": True}}, **places) as box:
        hand = Hand(box, trace)
        live(hand, environ)
    return Day(root, read_trace(trace), start, hand.kept)


def live(hand: Hand, environ: dict[str, str]) -> None:
    box = hand.box
    box.start("serve", environ)
    box.start("capture")
    hand.ask("begin", command="call", params={"call_id": "call-1", "state": "begin", "metadata": {"who": "me"}})
    hand.start("long", stereo=True)
    hand.start("brief", max_length=0.8)
    hand.end("brief")
    hand.steer("pause", "long")
    hand.start("silent")
    hand.listen(0.3)
    hand.steer("pause", "silent", behavior="silence")
    hand.steer("resume", "long")
    hand.erase("brief")
    hand.listen(0.4)
    hand.steer("resume", "silent")
    hand.listen(0.4)
    hand.steer("stop", "silent")
    hand.end("silent")
    hand.start("lasting")
    hand.listen(0.5)
    hand.ask("end", command="call", params={"call_id": "call-1", "state": "end"})
    hand.end("long")
    hand.end("lasting")
    hand.start("over")
    hand.listen(1.0)
    mark(hand.trace, "stopping")
    assert box.kill("serve", signal.SIGTERM) == os.EX_OK
    box.start("serve", environ)
    box.until_ready()
    hand.listen(LOSS_S["wav"])
    mark(hand.trace, "restarted")
    hand.listen(0.9)
    hand.steer("stop", "over")
    hand.end("over")
    assert box.kill("serve", signal.SIGTERM) == os.EX_OK
