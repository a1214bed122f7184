"""What ends a command before its work is done."""

from collections.abc import Iterable


class Failed(Exception):
    """One sentence for each fault, to be printed, and the exit status."""

    def __init__(self, status: int, faults: Iterable[str]) -> None:
        self.status = status
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))
