"""Tokens: Basic and Bearer, and what becomes of those that fail."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.bridge.http import tokens as subject
from recorder.bridge.http.connections import address_key
from recorder.bridge.http.tokens import FailedLogins, Grant, Tokens

MAIN, BOARD = Grant(), Grant("wallboard", read_only=True)
TOKENS = Tokens("project", {MAIN: "s3cret:with-colon", BOARD: "looks-on"})


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "grant"),
    [
        ("Bearer s3cret:with-colon", MAIN),
        ("bearer  looks-on ", BOARD),
        (basic("project:s3cret:with-colon"), MAIN),
        (basic("project:looks-on"), BOARD),
        (basic("other:s3cret:with-colon"), None),
        (basic("project:"), None),
        (basic("project"), None),
        (basic(":s3cret:with-colon"), None),
        ("Basic !!!", None),
        ("Basic", None),
        ("Bearer", None),
        ("Bearer s3cret", None),
        ("Digest s3cret:with-colon", None),
        ("s3cret:with-colon", None),
        ("", None),
    ],
)
def test_a_token_is_judged(header, grant):
    assert TOKENS.judge(header) == grant


@given(st.text(max_size=60))
def test_nothing_else_is_a_token(header):
    assert TOKENS.judge(header) is None
    assert TOKENS.judge(f"Basic {header}") is None


def test_an_empty_token_is_none():
    assert not Tokens("project", {MAIN: ""})
    assert Tokens("project", {MAIN: ""}).judge("Bearer ") is None


def test_failures_are_counted_per_address_and_forgotten(monkeypatch):
    monkeypatch.setattr(subject.time, "monotonic", lambda: clock)
    clock = 100.0
    failures = FailedLogins(burst=3, recovery_s=6.0)
    assert [failures.note("a") for _ in range(5)] == [0.0, 0.0, 0.0, 6.0, 6.0]
    assert failures.note("b") == 0.0
    clock += 6.0
    assert [failures.note("a") for _ in range(2)] == [0.0, 6.0]
    clock += 60.0
    assert [failures.note("a") for _ in range(4)] == [0.0, 0.0, 0.0, 6.0]
    assert failures.total == 12


def test_addresses_that_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(subject, "MOST_ADDRESSES", 5)
    failures = FailedLogins(burst=1)
    for number in range(20):
        failures.note(str(number))
    assert len(failures._until) == 5


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        (("10.1.2.3", 5), "10.1.2.3"),
        (("::ffff:10.1.2.3", 5, 0, 0), "10.1.2.3"),
        (("2001:db8:1:2:3:4:5:6", 5, 0, 0), "2001:db8:1:2::"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::"),
        ("", ""),
        (None, ""),
    ],
)
def test_one_client_is_an_ipv4_address_or_an_ipv6_network(peer, key):
    assert address_key(peer) == key
