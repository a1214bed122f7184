"""The Debian packages in dist/, installed and run in a clean Debian without a network: `make test-deb`.

The tree is made by mmdebstrap, kept in build/, and booted by systemd-nspawn.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from packages.trial import STEPS

ROOT = Path(__file__).parents[1]
BASE = ROOT / "build/debian-bookworm.tar"
SUITE = "bookworm"
UNIT = """\
[Unit]
After=multi-user.target
[Service]
Type=exec
ExecStart=/usr/bin/python3 /root/trial.py /root/results.json
StandardOutput=append:/root/trial.out
StandardError=inherit
[Install]
WantedBy=graphical.target multi-user.target
"""


def package(name: str) -> Path:
    return max((ROOT / "dist").glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)


def base() -> Path:
    """A Debian with what the package depends on, and nothing else."""
    depends = subprocess.check_output(["dpkg-deb", "-f", package("recorder"), "Depends"], text=True)
    needed = re.findall(r"([\w.+-]+)(?: \([^)]*\))?", re.sub(r"\([^)]*\)", "", depends))
    if not BASE.exists():
        include = ",".join(sorted(set(needed)))
        subprocess.run(["mmdebstrap", "--variant=minbase", f"--include={include}", SUITE, str(BASE)], check=True)
    return BASE


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    tree = tmp_path_factory.mktemp("debian") / "tree"
    tree.mkdir()
    subprocess.run(["tar", "-xf", base(), "-C", tree, "--exclude=./dev/*"], check=True)
    for name in ("recorder", "recorder-mp4"):
        shutil.copy(package(name), tree / "root")
    # What `apt install ./recorder_*.deb` does; that all it depends on is there already is what the base is for.
    install = ["apt-get", "install", "-y", "-q=2", "--no-install-recommends", f"/root/{package('recorder').name}"]
    inside = ["systemd-nspawn", "-q", "-D", str(tree), "--register=no", "--keep-unit", "--private-network", "--pipe"]
    subprocess.run([*inside, *install], check=True)
    shutil.copy(ROOT / "packages/trial.py", tree / "root/trial.py")
    unit = tree / "etc/systemd/system/trial.service"
    unit.write_text(UNIT)
    wants = tree / "etc/systemd/system/multi-user.target.wants"
    (wants / unit.name).symlink_to("../trial.service")
    subprocess.run([*inside[:-1], "--console=pipe", "--boot"], check=False, stdin=subprocess.DEVNULL, timeout=600)
    print((tree / "root/trial.out").read_text())
    return dict(json.loads((tree / "root/results.json").read_text()))


@pytest.mark.parametrize("step", [step.__name__ for step in STEPS])
def test_trial(results: dict[str, str], step: str) -> None:
    assert results[step] == "", results[step]
