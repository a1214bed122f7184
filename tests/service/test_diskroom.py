"""Room for recordings: bytes, and files that can still be made."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from recorder.config.model import Config
from recorder.service.diskroom import FEWEST_FILES, DiskRoom
from recorder.writers.writer import Codecs


@pytest.mark.parametrize(
    ("inodes", "left", "refused"),
    [(1000, FEWEST_FILES, False), (1000, FEWEST_FILES - 1, True), (1000, 0, True), (0, 0, False)],  # btrfs: no bound
)
def test_no_recording_begins_where_no_file_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inodes: int, left: int, refused: bool
) -> None:
    real = list(os.statvfs(tmp_path))
    real[1:8] = [4096, 1 << 30, 1 << 29, 1 << 29, inodes, left, left]
    monkeypatch.setattr(os, "statvfs", lambda _directory: os.statvfs_result(real))
    config = replace(Config(node_id="box"), state_dir=tmp_path, recordings_dir=tmp_path)
    fault = DiskRoom(config, {}, Codecs()).no_room()
    assert (fault is not None) == refused
    assert fault is None or f"{left} files can still be made" in fault
