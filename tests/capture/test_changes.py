"""What a reload changes in what is captured."""

from dataclasses import replace

import pytest

from recorder.capture.changes import changes
from recorder.capture.spec import LineSpec, sources_of

FRONT = LineSpec("front", "alsa:hw:1", channels=4, speak=0)
BACK = LineSpec("back", "alsa:hw:1", channels=4, speak=1)
FILE = LineSpec("file", "file:/a.wav")
OTHER = LineSpec("other", "alsa:hw:2")


@pytest.mark.parametrize(
    ("before", "after", "gone", "come", "waiting"),
    [
        ([FRONT, FILE], [FRONT, FILE], [], [], []),
        ([FRONT, FILE], [FRONT, OTHER], ["file"], ["other"], []),
        ([FRONT], [replace(FRONT, playback="alsa:out")], [], [], []),
        ([FRONT, BACK], [FRONT], [], [], []),
        ([FRONT, BACK], [BACK], [], [], []),
        ([FRONT, BACK], [], ["front"], [], []),
        ([FRONT], [FRONT, BACK], [], [], ["back"]),
        ([FRONT, BACK], [FRONT, replace(BACK, speak=2)], [], [], ["back"]),
        ([FRONT], [replace(FRONT, latency_s=1.0)], ["front"], ["front"], []),
        ([FILE], [replace(FILE, device="file:/b.wav")], ["file"], ["file"], []),
    ],
)
def test_only_what_differs_is_touched(before, after, gone, come, waiting):
    found = changes(sources_of(tuple(before)), after)
    assert [source.key for source in found.gone] == gone
    assert [source.key for source in found.come] == come
    assert [name for name, _ in found.waiting] == waiting
