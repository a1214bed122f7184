"""A box whose directories can't be what they are configured to be."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from recorder.config.model import Config
from recorder.service import serve


def a_file(path: Path) -> None:
    path.write_text("no directory")


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("a disk that is not mounted"))


@pytest.mark.parametrize("stands", [a_file, a_link_to_nothing])
def test_what_is_no_directory_is_not_told_as_another_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, stands: Callable[[Path], None]
) -> None:
    places = {name: tmp_path / name for name in ("state_dir", "recordings_dir", "runtime_dir")}
    stands(places["recordings_dir"])
    config = replace(Config(node_id="box"), control_socket=tmp_path / "control.sock", **places)
    assert serve.run(config) == 73
    assert f"{places['recordings_dir']} is no directory" in caplog.text
