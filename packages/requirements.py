"""What goes into the packages, and what does not."""

import re

# The service imports no numpy (20 MB): it is for the detectors in one's own programs, and Debian has it.
NOT_SHIPPED = frozenset({"numpy"})
APART = ("av",)  # 100 MB, for format mp4
LIBC = "2.34"  # the newest that a wheel in the tree asks for


def names(requirement: str) -> str:
    """The name in `name>=1,<2`."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return found.group()
