"""Faults on command, for tests of what watches over us: only with RECORDER_TEST_FAULTS=1 in the environment."""

import time
from collections.abc import Mapping

SWITCH = "RECORDER_TEST_FAULTS"


def are_allowed(environ: Mapping[str, str]) -> bool:
    """Whether whoever started us wants to break us."""
    return environ.get(SWITCH) == "1"


def stand_still() -> None:
    """Hold up whoever calls, for good."""
    while True:
        time.sleep(3600)  # because standing still is the fault
