"""The units: whole, as hard as promised, and as the two processes need them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.manager import UNITS, read_unit

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


@needs_systemd
def test_verify_finds_nothing(tmp_path: Path) -> None:
    for unit in UNITS.glob("*.service"):  # verify wants the program to be there
        (tmp_path / unit.name).write_text(unit.read_text().replace("=/usr/bin/recorder ", "=/bin/true "))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.glob("*.service")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert [line for line in found.stderr.splitlines() if "recorder" in line] == []
    assert found.returncode == 0


@needs_systemd
@pytest.mark.parametrize(("unit", "most"), [("recorder", 1.7), ("recorder-capture", 2.0)])
def test_exposure_is_as_low_as_promised(unit: str, most: float) -> None:
    told = subprocess.check_output(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / f"{unit}.service"], text=True
    )
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert exposure is not None
    print(exposure.group())
    assert float(exposure.group(1)) <= most


@pytest.mark.parametrize("unit", ["recorder", "recorder-capture"])
def test_a_service_comes_back_but_not_with_a_wrong_configuration(unit: str) -> None:
    service = read_unit(unit)
    assert {name: service[name] for name in ("Type", "Restart", "RestartSec", "RestartPreventExitStatus")} == {
        "Type": "notify",
        "Restart": "always",
        "RestartSec": "100ms",
        "RestartPreventExitStatus": "78",
    }
    assert "StartLimitIntervalSec=0" in (UNITS / f"{unit}.service").read_text()


def test_serve_wants_capture_and_hangs_on_it_no_further() -> None:
    text = (UNITS / "recorder.service").read_text()
    assert "Wants=recorder-capture.service\nAfter=recorder-capture.service" in text
    assert not re.search(r"^(Requires|BindsTo|PartOf|Requisite)=", text, re.MULTILINE)


def test_the_rings_outlive_capture_and_are_its_own() -> None:
    capture, serve = read_unit("recorder-capture"), read_unit("recorder")
    assert (capture["RuntimeDirectory"], capture["RuntimeDirectoryPreserve"]) == ("recorder-capture", "yes")
    assert serve["RuntimeDirectory"] == "recorder"


def test_only_capture_may_run_in_real_time() -> None:
    capture, serve = read_unit("recorder-capture"), read_unit("recorder")
    assert {"LimitRTPRIO", "LimitRTTIME", "LimitMEMLOCK"} <= capture.keys()
    assert serve["RestrictRealtime"] == "yes"
    assert "LimitMEMLOCK" not in serve
