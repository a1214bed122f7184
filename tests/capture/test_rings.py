"""Whether rings fit where they are to stand, and how one is taken over."""

import os
import threading
from pathlib import Path

import pytest

from recorder._capture import RingWriter
from recorder.capture.rings import RingsTooLarge, check_space, open_ring, ring_bytes
from recorder.capture.spec import LineSpec, Site
from tests.capture.wavs import write_wav
from tests.noise import noise


def test_rings_that_do_not_fit_are_refused_with_numbers(tmp_path: Path) -> None:
    room = os.statvfs(tmp_path)
    site = Site(tmp_path, ring_seconds=room.f_bavail * room.f_frsize / 96000)
    with pytest.raises(RingsTooLarge, match=r"rings of .* s need .* MiB in .*, but only .* MiB are free"):
        check_space([LineSpec("x", "alsa:x", 48000)], site)
    check_space([LineSpec("x", "alsa:x", 8000)], site)


def test_directory_may_be_still_to_be_made(tmp_path: Path) -> None:
    check_space([LineSpec("x", "alsa:x")], Site(tmp_path / "not" / "yet", 1.0))


def test_ring_that_stands_there_already_counts_as_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path, 30.0)
    line = LineSpec("x", "alsa:x", 8000)
    room = os.statvfs_result((4096, 4096, 200, 100, 100, 0, 0, 0, 0, 255))  # 400 KiB free
    RingWriter(site.ring_path("x"), "x", 8000, 1, 240000).close()
    monkeypatch.setattr(os, "statvfs", lambda _path: room)
    check_space([line], site)
    with pytest.raises(RingsTooLarge):
        check_space([LineSpec("y", "alsa:y", 8000)], site)


def test_file_line_needs_what_its_file_says(tmp_path: Path) -> None:
    site = Site(tmp_path, 10.0)
    path = write_wav(tmp_path / "x.wav", noise(10, 2), 48000, 2)
    assert ring_bytes(LineSpec("x", f"file:{path}", 0, 0, listen=1), site) >= 1_920_000
    assert ring_bytes(LineSpec("x", "file:/absent.wav", 0, 0), site) < 1_000_000


def test_ring_is_taken_over_once_its_writer_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "x.ring"
    earlier = RingWriter(path, "x", 8000, 1, 8000)
    earlier.write(noise(100))
    taken: list[RingWriter] = []
    taking = threading.Thread(target=lambda: taken.append(open_ring(path, "x", 8000, 1, 8000)))
    taking.start()
    earlier.close()
    taking.join()
    assert taken[0].attached
    assert taken[0].head == 100


def test_ring_of_a_living_writer_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder.capture.rings.TAKE_OVER_S", 0.0)
    living = RingWriter(tmp_path / "x.ring", "x", 8000, 1, 8000)
    with pytest.raises(BlockingIOError):
        open_ring(tmp_path / "x.ring", "x", 8000, 1, 8000)
    living.close()
