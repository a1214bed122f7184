"""The names that may stand in commands, files and topics."""

import pytest

from recorder.contract import ids
from recorder.contract.values import Unfit


@pytest.mark.parametrize("value", ["gw", "a-1", "x" * 64])
def test_node_id_allows_lower_case_digits_and_dashes(value):
    assert ids.node_id(value) == value


@pytest.mark.parametrize("check", [ids.node_id, ids.line_id])
@pytest.mark.parametrize("value", ["", "A", "a_b", "a/b", "a\n", "..", "#", "+", "x" * 65, None, 3, "ä"])
def test_node_and_line_id_refuse_all_else(check, value):
    with pytest.raises(Unfit, match="a-z"):
        check(value)


@pytest.mark.parametrize(
    ("host", "node"),
    [("Gateway.Example", "gateway-example"), ("gw_1", "gw-1"), ("", "recorder"), ("É" * 80, "-" * 64)],
)
def test_node_id_comes_from_the_host_name(host, node):
    assert ids.node_id_of(host) == node
    assert ids.node_id(ids.node_id_of(host)) == node


def test_a_clock_before_1970_gives_ids_of_1970():
    assert ids.made_at(ids.new_recording_id(-1)) == 0.0
    assert ids.made_at(ids.new_recording_id(1_500_000_000)) == 1.5
