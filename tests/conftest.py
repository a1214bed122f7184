"""Fixtures that several rooms share."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.alsa.device import build_plugin

if TYPE_CHECKING:
    from tests.scheduling import Scheduling

SHM = Path("/dev/shm")
LONG = ("tests/system/", "tests/crash/", "tests/web/", "tests/docs/")

hypothesis.settings.register_profile("recorder", deadline=None)  # machines are shared: no test asserts speed
hypothesis.settings.load_profile("recorder")
# A run in the background ignores it, and so would the programs that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "Scheduling":
    """How `-n` deals the tests out."""
    from tests.scheduling import Scheduling

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits most comes first, so that short tests fill the end of a run by several workers."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def alsa_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's ALSA plugin, built once a session."""
    return build_plugin(tmp_path_factory.mktemp("alsa"))


@pytest.fixture
def shm_path() -> Iterator[Path]:
    """A directory in memory, as the runtime directories of the real box are, where the machine has one."""
    with tempfile.TemporaryDirectory(dir=SHM if os.access(SHM, os.W_OK) else None) as path:
        yield Path(path)
