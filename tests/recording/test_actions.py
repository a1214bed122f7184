import pytest

from recorder.recording.actions import AppendFrames, AppendSilence, OpenFile, joined


@pytest.mark.parametrize(
    ("last", "new", "both"),
    [
        (AppendFrames(0, 50, 10), AppendFrames(10, 60, 5), AppendFrames(0, 50, 15)),
        (AppendSilence(3, 10), AppendSilence(13, 5), AppendSilence(3, 15)),
        (AppendFrames(0, 0, 10), AppendFrames(10, 20, 10), None),  # a pause that skips
        (AppendFrames(0, 0, 10), AppendFrames(5, 10, 10), None),
        (AppendSilence(0, 10), AppendSilence(11, 10), None),
        (AppendFrames(0, 0, 10), AppendSilence(10, 10), None),
        (AppendSilence(0, 10), AppendFrames(10, 10, 10), None),
        (OpenFile(), AppendFrames(0, 0, 10), None),
    ],
)
def test_appends_are_one_where_the_second_is_more_of_the_first(last, new, both):
    assert joined(last, new) == both
