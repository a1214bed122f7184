"""The description of the API held against the API: schemathesis makes requests that fit it and requests that don't."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.box import Box
from tests.system.api import box_of

CONFIG = Path(__file__).parents[1] / "fixtures/schemathesis.toml"
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2000" if "CI" in os.environ else "300"))  # in all
OPERATIONS = 20


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with box_of(tmp_path, max_length_cap=1.0) as box:
        box.until_ready()
        yield box


def test_every_answer_fits_the_description(box: Box, tmp_path: Path) -> None:
    program = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run"]
    options = ["--max-examples", str(max(1, EXAMPLES // OPERATIONS)), "--no-color", "--seed", "1"]
    phases = "coverage,fuzzing,stateful" if EXAMPLES > 300 else "coverage,fuzzing"
    options += ["--phases", phases, "--exclude-path", "/api/v1/events/stream"]
    run = subprocess.run(
        [*program, f"{box.http}/openapi.json", *options],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-8000:]
    assert requests.get(f"{box.http}/api/v1/lines", timeout=20).status_code == 200
    assert "Traceback" not in box.log("serve")
