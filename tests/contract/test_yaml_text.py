"""YAML as a door receives it."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.contract.faults import Refused
from recorder.contract.json_text import MOST_BYTES
from recorder.contract.yaml_text import MOST_NODES, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("terminators: #", {"terminators": None}),
        ('terminators: "#"', {"terminators": "#"}),
        ("- a\n- [b, {c: 2.5}]", ["a", ["b", {"c": 2.5}]]),
        ("at: 2024-05-06", {"at": "2024-05-06"}),
        ("", None),
        ("a: 1:30\nb: 1:30.5\nc: -1_0\nd: .5", {"a": "1:30", "b": "1:30.5", "c": -10, "d": 0.5}),
    ],
)
def test_it_is_read(text, value):
    assert read_yaml(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &x 1", "anchors"),
        ("a: &x [1]\nb: *x", "anchors"),
        ("b: *x", "aliases"),
        ("a: !!python/name:os.system", "tags"),
        ("a: !local 1", "tags"),
        ("a: ! 1", "tags"),
        ("%TAG ! tag:evil,2000:\n---\n!x 1", "tags"),
        ("a: 1\n---\nb: 2", "one document"),
        ("[" * 33 + "]" * 33, "levels"),
        ("[" * 500_000, "levels|nesting depth"),  # a newer libyaml counts by itself
        ("[" + "1," * MOST_NODES + "]", "nodes"),
        ("a: [", "not YAML"),
        ("a: b: c", "not YAML"),
        ("\t- a", "not YAML"),
        ("a: \x07", "not YAML"),
        ("a: 2024-13-45", "not YAML"),
        ("? [a]\n: 1", "not YAML"),
        ("a: 1\na: 2", "twice"),
        ("a: " + "1:" * 100_000 + "1", "too long"),
        ("a: 0x" + "f" * 100, "too long"),
        ("<<: {a: 1}\n<<: {a: 2}", "twice"),
    ],
)
def test_it_is_refused(text, told):
    with pytest.raises(Refused) as refused:
        read_yaml(text.encode())
    assert (refused.value.status, refused.value.faults[0].code) == (400, "invalid_yaml")
    assert re.search(told, refused.value.faults[0].detail)


def test_bytes_that_are_no_utf_8_are_refused():
    with pytest.raises(Refused, match="UTF-8"):
        read_yaml(b"a: \xff")


def test_too_much_is_refused():
    with pytest.raises(Refused) as refused:
        read_yaml(b"#" * (MOST_BYTES + 1))
    assert refused.value.status == 413


@given(st.text(max_size=80) | st.text(alphabet="{}[]:,-&*!|>'\"#%@` \n?ab01~.", max_size=60))
def test_nothing_but_a_refusal_comes_of_any_text(text):
    with suppress(Refused):
        read_yaml(text.encode("utf-8", "surrogatepass"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet="ab c", max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
        max_leaves=20,
    )
)
def test_json_is_read_as_it_is(value):
    assert read_yaml(json.dumps(value).encode()) == value
