"""How the tests are dealt out to the workers of `-n`.

A file stays whole, so that a module's services start once. What keeps real time with a device, or is held to how much a
power cut may cost, is with one worker: no two such tests compete.
"""

from xdist.scheduler import LoadScopeScheduling

REAL_TIME = (
    "tests/alsa/",
    "tests/capture/",
    "tests/crash/test_power_cut.py",
    "tests/system/test_1",
    "tests/system/test_2",
    "tests/system/test_67_selftest.py",
)


class Scheduling(LoadScopeScheduling):
    """As --dist loadfile, but for REAL_TIME, which is one scope."""

    def _split_scope(self, nodeid: str) -> str:
        return "real time" if nodeid.startswith(REAL_TIME) else nodeid.partition("::")[0]
