"""A limit on what is logged: a device that breaks a thousand times must not fill the journal."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

ALIKE, ALIKE_EVERY_S = 10, 10.0  # warnings alike in a row, and how often one more may come
ALL, ALL_EVERY_S = 2000, 0.02
MOST_KINDS = 1000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    silenced: int = 0


class BurstLimit(logging.Filter):
    """Lets some pass and counts the rest: the next alike says how many were left out. Critical ones always pass.

    Warnings are alike when they come from the same place and begin with the same thing, as a line's name.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._alike: dict[tuple[str, str, str], _Bucket] = {}
        self._all = _Bucket(ALL, now())

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it passes."""
        if record.levelno >= logging.CRITICAL:
            return True
        if not self._take(self._all, ALL, ALL_EVERY_S):
            return False
        if record.levelno < logging.WARNING:
            return self._said(record, self._all)
        bucket = self._alike.get(key := kind_of(record))
        if bucket is None:
            if len(self._alike) >= MOST_KINDS:
                self._alike.clear()
            bucket = self._alike[key] = _Bucket(ALIKE, self._now())
        return self._take(bucket, ALIKE, ALIKE_EVERY_S) and self._said(record, bucket)

    def _take(self, bucket: _Bucket, most: float, every_s: float) -> bool:
        now = self._now()
        bucket.left, bucket.at = min(most, bucket.left + (now - bucket.at) / every_s), now
        if bucket.left < 1:
            bucket.silenced += 1
            return False
        bucket.left -= 1
        return True

    def _said(self, record: logging.LogRecord, bucket: _Bucket) -> bool:
        if bucket.silenced:
            record.msg = f"{record.getMessage()} ({bucket.silenced} more like it were left out)"
            record.args = ()
            bucket.silenced = 0
        return True


def kind_of(record: logging.LogRecord) -> tuple[str, str, str]:
    """By what warnings are alike."""
    first = record.args[0] if isinstance(record.args, tuple) and record.args else ""
    return record.name, str(record.msg), str(first)
