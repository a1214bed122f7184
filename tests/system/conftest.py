"""Fixtures of the system tests."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.receiver import Receiver

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


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
