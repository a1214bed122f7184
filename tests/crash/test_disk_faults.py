"""ENOSPC and EIO, once and for ever, at each write and each sync of a recording and of the database.

Which one fails is sampled; TEST_CRASH=all tries each, TEST_CRASH=2/5 the second fifth of them (docs/durability.md).
"""

import errno
import itertools
import json
import os
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.crash.decoding import FORMATS, decoded
from tests.crash.disk import Faults, build_library, environment, memory_directory
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

TRIED = os.environ.get("TEST_CRASH", "").replace("all", "1/1")
EPISODES = 4
GROWN_BYTES = 2000  # a second of MP3
CHECKED_BYTES = 40_000  # 2.5 s of WAV: the checkpoint before is of its second second
REASONS = {errno.ENOSPC: "disk_full", errno.EIO: "write_error"}
PLACES = {"recordings": "/disk/recordings/", "sidecar": ".json", "track": ".track", "database": "recorder.db"}


@dataclass(frozen=True)
class Fault:
    """What fails in an episode."""

    place: str
    classes: int
    error: int
    forever: bool
    first: int

    def arm(self, faults: Faults) -> None:
        removes = self.classes == Faults.WRITES and self.error == errno.EIO  # that a full disk refuses nobody
        classes = self.classes | (Faults.REMOVALS if removes else 0)
        faults.arm(PLACES[self.place], self.error, classes=classes, first=self.first, forever=self.forever)

    def __str__(self) -> str:
        kind = "write" if self.classes == Faults.WRITES else "sync"
        span = "on" if self.forever else "alone"
        return f"{errno.errorcode[self.error]} from {self.place} {kind} {self.first} {span}"


class Sick:
    """A box whose disk fails at will."""

    def __init__(self, box: Box, faults: Faults, environ: dict[str, str]) -> None:
        self.box = box
        self.faults = faults
        self.environ = environ

    def start(self) -> None:
        """Start the service."""
        self.box.start("serve", self.environ)

    def episode(self) -> dict[str, str]:
        """Record in each format, pause, resume and stop: (format: recording_id) of those whose start was accepted."""
        started = {}
        for suffix in FORMATS:
            answer = self.ask(
                {"command": "calling.record", "params": {"control_id": suffix, "audio": AUDIO | {"format": suffix}}}
            )
            if answer["code"] == 200:
                started[suffix] = answer["data"]["recording_id"]
        until(lambda: self.faults.failed or all(map(self.box.of, started.values())), 10, "the first events")
        for verb, params in (("pause", {"behavior": "silence"}), ("resume", {})):
            for suffix in started:
                self.ask({"command": f"calling.record.{verb}", "params": {"control_id": suffix, **params}})
        until(lambda: self.faults.failed or all(self.grown(r, s) for s, r in started.items()), 10, "audio on the disk")
        for suffix in started:
            self.ask({"command": "calling.record.stop", "params": {"control_id": suffix}})
        return started

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        answer = self.box.ask({"line": "front", **command})
        assert answer["code"] in {200, 404, 410, 507}, answer  # 404, 410: the fault has ended it already
        return answer

    def end_all(self) -> None:
        """Whatever lives, lest one broken promise looks like many."""
        until(lambda: self.box.ask({"line": "front", "command": "stop_record_call"})["code"] == 404, 60, "silence")

    def suffered(self, fault: "Fault", recording_ids: Iterable[str]) -> bool:
        """Whether all has ended, or can't be told to have while the journal fails."""
        if fault.place == "database" and fault.forever and self.faults.failed >= 3:
            return True
        return all("record" in event["params"] for r in recording_ids for event in self.box.of(r)[-1:] or [NOTHING])

    def grown(self, recording_id: str, suffix: str, size: int = GROWN_BYTES) -> bool:
        parts = (self.box.folder / "disk/recordings").rglob(f"{recording_id}.{suffix}.part")
        return any(part.stat().st_size > size for part in parts)

    def files(self, recording_id: str) -> dict[str, Path]:
        found = (self.box.folder / "disk/recordings").rglob(f"{recording_id}*")
        return {path.name.partition(".")[2]: path for path in found}


NOTHING: dict[str, Any] = {"params": {}}
AUDIO = {"direction": "speak", "initial_timeout": 0, "end_silence_timeout": 0, "terminators": ""}


@pytest.fixture(scope="module")
def sick() -> Iterator[Sick]:
    with memory_directory() as folder:  # where nobody else's writes are waited for
        yield from sick_in(folder)


def sick_in(folder: Path) -> Iterator[Sick]:
    root = folder / "disk"
    for directory in (root / "state", root / "recordings"):
        directory.mkdir(parents=True)
    line = write_wav(folder / "line.wav", noise(8000 * 20))
    faults = Faults(folder / "faults")
    environ = environment(build_library(folder), root, faults=faults.path)
    places = {"state_dir": str(root / "state"), "recordings_dir": str(root / "recordings")}
    with Box(folder, {"front": {"device": f"file:{line}", "loop": True}}, **places) as box:
        sick = Sick(box, faults, environ)
        sick.start()
        box.start("capture")
        box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})
        yield sick


def counted(sick: Sick, place: str, classes: int) -> int:
    """How many operations of that kind an episode does on a well disk."""
    sick.faults.arm(PLACES[place], errno.EIO, classes=classes, first=1 << 30)
    for recording_id in sick.episode().values():
        assert sick.box.end_of(recording_id)["end_reason"] == "stop_command"
    return sick.faults.seen


def chosen(sick: Sick, place: str) -> list[Fault]:
    counts = {classes: counted(sick, place, classes) for classes in (Faults.WRITES, Faults.SYNCS)}
    print(f"\n{place}: {counts[Faults.WRITES]} writes and names, {counts[Faults.SYNCS]} syncs in an episode")
    every = [
        [
            Fault(place, classes, error, forever, first)
            for error, forever, first in itertools.product(REASONS, (False, True), range(count))
        ]
        for classes, count in counts.items()
    ]
    if TRIED:
        which, parts = map(int, TRIED.split("/"))
        return [*every[0], *every[1]][which - 1 :: parts]
    chance = random.Random(place)
    return [chance.choice(every[n % 2]) for n in range(EPISODES)]


@pytest.mark.parametrize("place", PLACES)
def test_a_failing_disk_ends_recordings_as_told_and_the_service_works_again(sick: Sick, place: str) -> None:
    outcomes: dict[str, int] = {}
    broken: list[str] = []
    faults = chosen(sick, place)
    for fault in faults:
        fault.arm(sick.faults)
        try:
            started = sick.episode()
            until(lambda: sick.suffered(fault, started.values()), 10, "ends, or failures")  # noqa: B023 # because it is called at once
            sick.faults.disarm()
            for suffix, recording_id in started.items():
                end = sick.box.end_of(recording_id)
                judge(sick, fault, suffix, recording_id, end)
                outcomes[end["end_reason"]] = outcomes.get(end["end_reason"], 0) + 1
            again = sick.box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})["recording_id"]
            assert sick.box.end_of(again)["end_reason"] == "max_length"
        except (AssertionError, OSError) as error:
            broken.append(f"{fault}: {error}")
            print(f"BROKEN: {broken[-1]}\n{sick.box.log('serve')[-3000:]}", flush=True)
            sick.faults.disarm()
            sick.end_all()
    print(f"{len(faults)} faults; ends: {outcomes}")
    assert not broken
    assert "Traceback" not in sick.box.log("serve"), sick.box.log("serve")[-5000:]


def judge(sick: Sick, fault: Fault, suffix: str, recording_id: str, end: dict[str, Any]) -> None:
    """The recording ended as its fault says, or as commanded, and its file is what its event says."""
    assert end["end_reason"] in {REASONS[fault.error], "stop_command", "start_failed"}
    assert fault.place != "track" or end["end_reason"] == "stop_command"  # which harms no recording
    assert end["end_reason"] != "start_failed" or (end["size"] == 0 and len(sick.box.of(recording_id)) == 1)
    assert (end["state"] == "error") == (end["end_reason"] != "stop_command")
    assert [event["seq"] for event in sick.box.of(recording_id)] == list(range(len(sick.box.of(recording_id))))
    files = sick.files(recording_id)
    if end["size"] == 0:
        assert "url" not in end, end
        left = {f"{suffix}.part"} if fault.error == errno.EIO else set()  # it could not be deleted
        assert set(files) <= {"json", *left}, "told as nothing, but there"
        return
    audio = (files.get(suffix) or files[f"{suffix}.part"]).read_bytes()
    assert len(audio) == end["size"]
    sounds = decoded(audio, suffix)
    assert sounds.seconds >= end["duration"] - sounds.tolerance_s
    if not fault.forever:  # on a disk that refuses all, what could not be cut off stays
        assert sounds.seconds <= end["duration"] + sounds.tolerance_s
    assert "json.new" not in files or fault.error == errno.EIO  # which lets nothing be deleted
    with closing(sqlite3.connect(sick.box.folder / "disk/state/recorder.db")) as connection:
        bodies = connection.execute("SELECT body FROM events WHERE recording_id = ? ORDER BY seq", (recording_id,))
        assert [json.loads(body) for (body,) in bodies] == sick.box.of(recording_id)


@pytest.mark.parametrize("forever", [False, True])
def test_what_a_failing_disk_lets_nobody_pick_up_is_kept(sick: Sick, forever: bool) -> None:
    started = {
        suffix: sick.box.until_ok({"line": "front", "record_call": AUDIO | {"format": suffix}})["recording_id"]
        for suffix in FORMATS
    }
    until(lambda: sick.grown(started["wav"], "wav", CHECKED_BYTES), 20, "a checkpoint with audio in each file")
    sick.box.kill("serve")
    for suffix, recording_id in started.items():
        sick.faults.arm(f"{recording_id}.{suffix}.part", errno.ENOSPC, classes=Faults.WRITES, forever=forever)
        sick.start()
        end = sick.box.end_of(recording_id)
        assert (end["state"], end["end_reason"]) == ("error", "disk_full"), (end, sick.box.log("serve")[-6000:])
        audio = (sick.files(recording_id).get(suffix) or sick.files(recording_id)[f"{suffix}.part"]).read_bytes()
        assert len(audio) == end["size"]
        sounds = decoded(audio, suffix)
        assert sounds.seconds >= end["duration"] - sounds.tolerance_s
        assert end["duration"] > 0.2  # less what came since the last checkpoint
        sick.faults.disarm()
        sick.box.kill("serve")
    sick.start()
    sick.box.until_ready()
    for suffix, recording_id in started.items():
        assert set(sick.files(recording_id)) == {suffix, "json", "track"}


def test_a_kill_and_a_start_leave_every_file_under_its_name(sick: Sick) -> None:
    before = len(sick.box.events)
    sick.box.kill("serve")
    sick.box.start("serve")
    sick.box.until_ready()  # and of what had ended nothing is told anew
    assert not [path for path in (sick.box.folder / "disk").rglob("*") if path.name.endswith((".part", ".new"))]
    told = {event["event_id"] for event in sick.box.events[:before]}
    assert {event["event_id"] for event in sick.box.events[before:]} <= told
