"""JSON as a door receives it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.contract.faults import Refused
from recorder.contract.json_text import MOST_BYTES, MOST_DEPTH, MOST_VALUES, read_json


def status(body):
    with pytest.raises(Refused) as refused:
        read_json(body)
    [fault] = refused.value.faults
    assert fault.status == refused.value.status
    return refused.value.status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"a":1,"a":2}',
        b"NaN",
        b"[Infinity]",
        b"9" * 5000,
        b"'a'",
        b"[" * 33 + b"]" * 33,
        b"[" + b"{}," * MOST_VALUES + b"{}]",
        b'{"a":' * 33 + b"1" + b"}" * 33,
    ],
)
def test_unreadable_json_is_refused(body):
    assert status(body) == 400


def test_more_than_a_megabyte_is_refused():
    assert status(b" " * (MOST_BYTES + 1)) == 413
    assert read_json(b'"' + b"x" * (MOST_BYTES - 2) + b'"')


def test_depth_up_to_the_limit_is_read():
    assert read_json(b"[" * MOST_DEPTH + b"1" + b"]" * MOST_DEPTH)


def test_values_up_to_the_limit_are_read():
    assert read_json(b"[" + b"1," * (MOST_VALUES - 2) + b"1]")


@given(st.binary())
def test_any_bytes_give_a_value_or_a_refusal(body):
    with contextlib.suppress(Refused):
        read_json(body)
