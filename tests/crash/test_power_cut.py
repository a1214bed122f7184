"""The power goes at any operation on the disk: whatever the disk then holds, the next start keeps every promise.

Cuts are sampled; TEST_CRASH=all tries every one, in every way (docs/durability.md).
"""

import json
import logging
import os
import random
import shutil
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.disk import Operation, build_library, environment, memory_directory, read_trace
from tests.crash.image import WAYS, Disk, Image
from tests.crash.oracle import Oracle
from tests.crash.reboot import Stands, start_on
from tests.crash.traced import Day, live_a_day

ALL = os.environ.get("TEST_CRASH") == "all"
CUTS, CUTS_TWICE, CUTS_IN_RECOVERY = (10_000, 500, 40) if ALL else (45, 20, 3)
REMEMBERED = 64  # disks: a cut leaves mostly one that a cut shortly before left too, and each takes megabytes


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Recovery warns of each recording that it closes."""
    log = logging.getLogger("recorder")
    before, log.propagate = (log.level, log.propagate), False
    log.setLevel(logging.ERROR)
    yield
    log.setLevel(before[0])
    log.propagate = before[1]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("disk"))


@pytest.fixture(scope="module")
def day(library: Path) -> Iterator[Day]:
    with memory_directory() as folder:
        day = live_a_day(folder, library)
        assert "Traceback" not in (folder / "serve.log").read_text()
        yield day


def sampled(items: list[int], count: int, seed: int) -> list[int]:
    return sorted(random.Random(seed).sample(items, min(count, len(items))))


def started(day: Day, image: Image) -> Stands:
    """Start the service on it, at the place that it knows."""
    shutil.rmtree(day.root, ignore_errors=True)
    image.build(str(day.root), day.root)
    return start_on(day.root)


def test_nothing_promised_is_lost_wherever_the_power_goes(day: Day, tmp_path: Path) -> None:
    oracle, tried = Oracle(day), 0
    different: set[bytes] = set()
    last: OrderedDict[bytes, Stands] = OrderedDict()
    for n in sampled(day.disk.cuts(), CUTS, seed=1):
        for way in WAYS:
            image = day.disk.after(n, way)
            digest = image.digest()
            tried += 1
            different.add(digest)
            last[digest] = last.pop(digest, None) or started(day, image)
            if len(last) > REMEMBERED:
                last.popitem(last=False)
            try:
                oracle.judge(n, last[digest])
            except AssertionError as broken:
                broken.add_note(f"cut behind operation {n} of {len(day.operations)}, {way}; the disk: {tmp_path}")
                image.build(str(day.root), tmp_path)
                raise
        if ALL and n % 100 == 0:
            print(f"operation {n} of {len(day.operations)}: {tried} cuts, {len(different)} different disks", flush=True)
    lost = ", ".join(f"{suffix} {loss:.2f} s" for suffix, loss in oracle.worst_loss_s.items())
    print(f"\n{len(day.operations)} operations, {tried} cuts, {len(different)} different disks; lost at most: {lost}")


def test_a_second_start_changes_nothing(day: Day) -> None:
    for n in sampled(day.disk.cuts(), CUTS_TWICE, seed=2):
        first = started(day, day.disk.after(n, "torn", seed=2))
        second = start_on(day.root)
        assert second.lasting == first.lasting
        assert second.published == []


RECOVER = "import sys, pathlib; from tests.crash.reboot import start_on; start_on(pathlib.Path(sys.argv[1]))"


def traced_recovery(day: Day, library: Path) -> list[Operation]:
    """Start on the disk that stands at the day's root, traced."""
    trace = day.root.with_name("recovery")
    trace.unlink(missing_ok=True)
    command = [sys.executable, "-c", RECOVER, str(day.root)]
    environ = os.environ | environment(library, day.root, trace=trace)
    subprocess.run(command, env=environ, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    return read_trace(trace)


def test_a_start_that_is_cut_itself_loses_nothing(day: Day, library: Path) -> None:
    oracle = Oracle(day)
    for n in sampled(day.disk.cuts(), CUTS_IN_RECOVERY, seed=3):
        left = day.disk.after(n, "torn", seed=3)
        shutil.rmtree(day.root, ignore_errors=True)
        left.build(str(day.root), day.root)
        again = Disk(Image.of(day.root), traced_recovery(day, library))
        for k in sampled(again.cuts(), 6, seed=n):
            for way in ("lost", "torn", "shuffled"):
                stands = started(day, again.after(k, way))
                try:
                    oracle.judge(n, stands)
                except AssertionError as broken:
                    broken.add_note(f"cut behind operation {n}, {k} of its recovery, {way}")
                    raise


def test_a_cut_loses_what_was_not_synced(day: Day) -> None:
    """The oracle sees losses: of a disk that never synced anything, something told is gone."""
    last = day.ends[day.named("long.wav")].number
    blind = Disk(day.start, [each for each in day.operations if "SYNC" not in each.op.name])
    with pytest.raises(AssertionError):
        Oracle(day).judge(last, started(day, blind.after(last, "lost")))


def test_a_sidecar_tells_what_the_last_event_tells(day: Day) -> None:
    stands = started(day, day.disk.after(len(day.operations), "kept"))
    for name, content in stands.files.items():
        if name.endswith(".json"):
            event = json.loads(content)["event"]
            [told] = [each for each in stands.events if each["event_id"] == event["event_id"]]
            assert told["params"]["duration"] == event["params"]["duration"]
