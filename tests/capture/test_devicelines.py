"""The lines of one device, with a stand-in for PortAudio."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import recorder.capture
from recorder._capture import RingWriter
from recorder.capture.devicelines import DeviceLines
from recorder.capture.spec import LineSpec, Site, Source


class Stream:
    """Runs until it is closed: until then its callback may come."""

    def __init__(self) -> None:
        self.rings: list[RingWriter] = []
        self.heads: list[int] = []  # as the last callback found them

    def close(self) -> None:
        self.heads = [ring.head for ring in self.rings]  # ValueError for one that is closed


def test_a_device_that_runs_is_let_go_of_before_its_rings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stream = Stream()
    monkeypatch.setattr(recorder.capture, "streams", SimpleNamespace(start=lambda *_: stream), raising=False)
    lines = [LineSpec(name, "alsa:card", channels=2, speak=channel) for channel, name in enumerate(("one", "other"))]
    feed = DeviceLines(Source(tuple(lines)), "alias", Site(tmp_path, 1.0), "restart")
    stream.rings += feed._rings
    feed.close()
    assert stream.heads == [0, 0]
    for line in lines:
        RingWriter(tmp_path / f"{line.id}.ring", line.id, 8000, 1, 8000).close()  # they are free again
