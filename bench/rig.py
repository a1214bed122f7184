"""A whole box for a bench: capture, serve and a broker as processes, its lines playing known noise in a loop."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.noise import noise
from tests.wav import write_wav

RATE = 8000
LOOP_S = 20
CALIBRATION = 3_000_000


@dataclass(frozen=True)
class Rig:
    """The running box; `lines[id]` is the noise that the line plays again and again."""

    box: Box
    broker: Mosquitto
    lines: dict[str, bytes]
    pids: dict[str, int]

    def cpu_s(self) -> dict[str, float]:
        """Seconds of CPU that each program has used so far, its children included."""
        return {name: sum(map(_cpu_s, _family(pid))) for name, pid in self.pids.items()}


@contextmanager
def rig(lines: int) -> Iterator[Rig]:
    """Start it; every line is up, and has a call, when it is given."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        pcm = {f"line{n:02}": noise(LOOP_S * RATE, seed=n) for n in range(lines)}
        devices = {
            line: {"device": f"file:{write_wav(folder / f'{line}.wav', loop)}", "loop": True}
            for line, loop in pcm.items()
        }
        with Mosquitto(folder) as broker, Box(folder, devices, mqtt={"url": broker.url}) as box:
            pids = {name: box.start(name).pid for name in ("capture", "serve")} | {"mosquitto": broker.pid}
            for line in pcm:
                box.until_ok({"line": line, "command": "call", "params": {"call_id": f"call-{line}", "state": "begin"}})
            yield Rig(box, broker, pcm, pids)


def calibration_ms() -> float:
    """How long a fixed loop takes here and now: what other figures of the same run are to be held against."""
    began = time.perf_counter()
    total = 0
    for n in range(CALIBRATION):
        total += n & 7
    assert total
    return (time.perf_counter() - began) * 1000


def percentiles(values: list[float], unit: str) -> str:
    """The usual ones, of at least one value."""
    ordered = sorted(values)
    shares = {"50 %": 0.5, "90 %": 0.9, "99 %": 0.99, "99.9 %": 0.999}
    told = [f"{name} {ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.1f}" for name, share in shares.items()]
    return f"{', '.join(told)}, most {ordered[-1]:.1f} {unit}"


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
