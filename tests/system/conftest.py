"""Fixtures of the system tests."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

BUSY = """
import threading
def spin():
    while True: pass
threading.Thread(target=spin, daemon=True).start()
spin()
"""


@pytest.fixture
def busy() -> Iterator[None]:
    """Two busy Python threads beside the test."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        yield
        process.kill()
