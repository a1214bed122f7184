"""docs/parameters.md says what the code says."""

from dataclasses import asdict
from pathlib import Path

from recorder.contract.faults import _TITLES
from recorder.contract.parameters import VERB_DEFAULTS, Parameters

REFERENCE = (Path(__file__).parents[2] / "docs/parameters.md").read_text()


def spelled(name, verb, value):
    match value:
        case None if name == "control_id":
            return "not taken" if verb == "record" else "made up"
        case None:
            return "none"
        case bool():
            return "`true`" if value else "`false`"
        case float():
            return f"`{value:g}`"
        case _:
            return f'`"{value}"`'


def test_reference_lists_every_default():
    lines = [line for line in REFERENCE.splitlines() if line.startswith("| `")]
    for name, value in asdict(Parameters()).items():
        [row] = [line for line in lines if line.startswith(f"| `{name}` |")]
        told = [spelled(name, verb, defaults.get(name, value)) for verb, defaults in VERB_DEFAULTS.items()]
        assert row.strip("| ").split(" | ")[2:] == told


def test_reference_lists_every_code():
    assert all(f"`{code}`" in REFERENCE for code in _TITLES)
