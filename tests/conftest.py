"""Fixtures that several rooms share."""

from pathlib import Path

import pytest

from tests.alsa.device import build_plugin


@pytest.fixture(scope="session")
def alsa_plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's ALSA plugin, built once a session."""
    return build_plugin(tmp_path_factory.mktemp("alsa"))
