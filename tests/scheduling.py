"""How the tests are dealt out to workers: a file stays whole, and what keeps real time with devices is with one worker.

So a module's services start once, and no two tests that can't wait for the machine run at the same time.
"""

from collections.abc import Sequence

from xdist.scheduler import LoadScopeScheduling

REAL_TIME: Sequence[str] = (
    "tests/alsa/",
    "tests/capture/",
    "tests/crash/",
    "tests/system/test_1",
    "tests/system/test_2",
    "tests/system/test_67",
)


class Scheduling(LoadScopeScheduling):
    """As --dist loadfile, but for the files of REAL_TIME, which are one scope."""

    def _split_scope(self, nodeid: str) -> str:
        return "real time" if nodeid.startswith(REAL_TIME) else nodeid.partition("::")[0]
