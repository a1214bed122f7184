"""Refusals: never empty, never endless, and in the contract's JSON."""

import pytest

from recorder.contract.faults import MOST_FAULTS, Refused, fault


def test_refusal_is_the_contracts_json():
    refusal = Refused(422, [fault("missing_parameter", "digit", "digit is missing")])
    assert refusal.to_json() == {
        "errors": [
            {
                "code": "missing_parameter",
                "title": "Missing parameter",
                "detail": "digit is missing",
                "status": "422",
                "attribute": "digit",
            }
        ]
    }


def test_refusal_needs_a_fault():
    with pytest.raises(ValueError, match="at least one"):
        Refused(422, [])


def test_refusal_of_countless_faults_counts_the_rest():
    refusal = Refused(422, [fault("unknown_parameter", "x", "x")] * (MOST_FAULTS + 7))
    assert len(refusal.faults) == MOST_FAULTS + 1
    assert refusal.faults[-1].detail == "and 7 more faults"
