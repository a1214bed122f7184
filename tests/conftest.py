"""Fixtures that several rooms share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.alsa.device import build_plugin

SHM = Path("/dev/shm")

hypothesis.settings.register_profile("recorder", deadline=None)  # machines are shared: no test asserts speed
hypothesis.settings.load_profile("recorder")


@pytest.fixture(scope="session")
def alsa_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's ALSA plugin, built once a session."""
    return build_plugin(tmp_path_factory.mktemp("alsa"))


@pytest.fixture
def shm_path() -> Iterator[Path]:
    """A directory in memory, as the runtime directories of the real box are, where the machine has one."""
    with tempfile.TemporaryDirectory(dir=SHM if os.access(SHM, os.W_OK) else None) as path:
        yield Path(path)
