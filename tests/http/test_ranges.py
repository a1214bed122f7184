"""The Range header, RFC 9110 section 14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.bridge.http.ranges import Unsatisfiable, asked


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=99-", (99, 100)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-1000", (0, 100)),
        ("BYTES=1-2", (1, 3)),
        ("bytes= 1-2", (1, 3)),
        ("bytes=2-1", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("bytes=٣-", None),
        ("items=0-1", None),
        ("bytes=1", None),
        ("bytes=" + "9" * 200 + "-", None),
        ("bytes=0-" + "9" * 40, (0, 100)),
    ],
)
def test_one_range_is_honoured_and_what_is_none_is_ignored(header, expected):
    assert asked(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 40 + "-"])
def test_a_range_behind_the_end_is_unsatisfiable(header):
    with pytest.raises(Unsatisfiable):
        asked(header, 100)


@given(st.text(max_size=40) | st.from_regex(r"\Abytes=[0-9]{0,20}-[0-9]{0,20}\Z"), st.integers(0, 1 << 40))
def test_a_range_lies_within_the_file_whatever_comes(header, size):
    try:
        found = asked(header, size)
    except Unsatisfiable:
        return
    assert found is None or 0 <= found[0] < found[1] <= size
