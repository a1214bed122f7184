"""What the service takes: memory while 8 lines record MP3, what each import costs, CPU until READY, `recorder --help`.

    python -m bench.footprint [PYTHON]      of another installation, as build/deb/recorder/usr/lib/recorder/bin/python

Memory is PSS, the rings apart: they are as large as one asks for. Times are CPU seconds, user and system, which other
work on the machine stretches less than the clock; Python's bytecode is there, as an installation leaves it. Exits
with 1 if a bar is not met.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.rig import calibration_ms
from tests.box import Box
from tests.fixtures.manager import Manager
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

LINES, RATE = 8, 8000
RECORDED_S = 10
BARS = {"serve MiB": 80.0, "capture MiB": 32.0, "start to READY, s of CPU": 0.8, "recorder --help, s of CPU": 0.15}
IMPORTS = (
    "asyncio",
    "ssl",
    "sqlite3",
    "recorder.bridge.http",
    "aiohttp.web",
    "prometheus_client",
)
LATER = ("paho.mqtt.client", "yaml", "lameenc", "cryptography.x509", "rich.console", "av", "numpy")
HELP_RUNS = 5


def main() -> int:
    """Print the table; 1 if a bar is not met."""
    Box.python = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    with tempfile.TemporaryDirectory(prefix="bench-") as bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        list(imports())  # writes it
        print("| import, after those above it | MiB | ms of CPU |\n|---|---|---|")
        for name, mib, ms in imports():
            print(f"| `{name}` | {mib:.1f} | {ms:.0f} |")
        before = calibration_ms()
        found = {**processes(), "recorder --help, s of CPU": shown_help()}
    print(f"\ncalibration: {before:.0f} ms before, {calibration_ms():.0f} ms after")
    print("\n| | measured | bar |\n|---|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value:.2f} | {BARS.get(name, '')} |")
    return int(any(found[name] > bar for name, bar in BARS.items()))


def imports() -> Iterator[tuple[str, float, float]]:
    """What one import after another costs a process: the service's own first, then those that wait until needed."""
    code = (
        "import sys, time, importlib\n"
        "def pss(): return int(open('/proc/self/smaps_rollup').read().split('Pss:')[1].split()[0])\n"
        "for name in sys.argv[1:]:\n"
        "    before, began = pss(), time.process_time()\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError: continue\n"
        "    print(name, (pss() - before) / 1024, (time.process_time() - began) * 1000)\n"
    )
    told = subprocess.check_output([Box.python, "-c", code, *IMPORTS, "recorder.service.serve", *LATER], text=True)
    for line in told.splitlines():
        name, mib, ms = line.split()
        yield name, float(mib), float(ms)


def processes() -> dict[str, float]:
    """Both processes of a box, their children included."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        wav = write_wav(folder / "line.wav", noise(60 * RATE))
        lines = {f"line-{n}": {"device": f"file:{wav}", "loop": True} for n in range(LINES)}
        with Box(folder, lines) as box, Manager(folder, "recorder", watchdog_s=10) as manager:
            capture = box.start("capture").pid
            serve = box.start("serve", manager.environ).pid
            manager.until_told("READY=1")
            ready = sum(map(cpu_s, family(serve)))
            recordings = [
                box.until_ok({"line": line, "record_call": {"format": "mp3", "max_length": 3600}}) for line in lines
            ]
            until(lambda: all(growing(folder, each["recording_id"]) for each in recordings), 120, "audio on the disk")
            return {
                "serve MiB": sum(map(pss_mib, family(serve))),
                "capture MiB": sum(map(pss_mib, family(capture))),
                "processes of capture": float(len(family(capture))),
                "start to READY, s of CPU": ready,
            }


def growing(folder: Path, recording_id: str) -> bool:
    """Whether RECORDED_S of it are on the disk, at 16 kbit/s at least."""
    return any(part.stat().st_size > RECORDED_S * 2000 for part in (folder / "recordings").rglob(f"{recording_id}*"))


def shown_help() -> float:
    """The least of some runs of `recorder --help`."""
    best = 1e9
    for _ in range(HELP_RUNS):
        before = os.times()
        subprocess.run([Box.python, "-m", "recorder", "--help"], stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best, used)
    return best


def family(pid: int) -> list[int]:
    """A process and all that it has started."""
    children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in children_of(task)]
    return [pid, *(each for child in children for each in family(child))]


def children_of(task: Path) -> list[str]:
    return (task / "children").read_text().split()


def pss_mib(pid: int) -> float:
    """Its share of memory, what it maps of rings apart."""
    mib, is_ring = 0.0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            is_ring = line.endswith(".ring")
        elif line.startswith("Pss:") and not is_ring:
            mib += int(line.split()[1]) / 1024
    return mib


def cpu_s(pid: int) -> float:
    """Seconds of CPU that it has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
