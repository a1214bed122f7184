"""A capture child: opens the devices and files it is told of and fills their rings until it is killed.

Forked by the parent, with a CaptureJob on stdin: see children.py. It tells its parent, as JSON lines:

    {"opening": KEY}                       what hangs now is this one
    {"up": KEY}                            frames will come
    {"down": KEY, "error": WHY}            it can't be opened, or not be read on; its rings are free again
    {"lost": KEY, "error": WHY}            the device ended by itself; its rings are free again
    {"ended": KEY}                         a file played to its end
    {"counters": {KEY: {...}}}             once a second, what the callbacks saw

and may be told, as a JSON line, {"drop": KEY}: let go of it. It leaves when nothing is left to do. A device that
hangs is not its business: the parent sees the ring stand still.
"""

import logging
import threading
import time
from typing import Protocol

from recorder.capture.devicelines import DeviceLines, DeviceLost
from recorder.capture.filelines import FileLine
from recorder.capture.jobs import CaptureJob, Opening
from recorder.capture.process import Parent, leave
from recorder.capture.spec import Site

log = logging.getLogger(__name__)

TICK_S = 0.02
COUNT_EVERY_S = 1.0
CLOSE_WAIT_S = 1.0


class Feed(Protocol):
    """A source at work."""

    ended: bool

    def advance(self, now_ns: int) -> None:
        """Do what is due. Raise DeviceLost, or WavFault or OSError of a file."""

    def counters(self) -> dict[str, int]:
        """What was seen so far."""

    def close(self) -> None:
        """Let go of the device or file, and free the rings."""


def boottime_ns() -> int:
    """The clock of anchors and heartbeats."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def main() -> None:
    """Do the job on stdin until nothing is left of it."""
    parent = Parent()
    work = CaptureJob.from_json(parent.job())
    parent.listen()
    try:
        Child(parent, work.site).run(work.openings)
    except BaseException:
        log.exception("the capture child fails")
        leave(1)
    leave(0)


class Child:
    """The feeds of this process."""

    def __init__(self, parent: Parent, site: Site) -> None:
        self._parent = parent
        self._site = site
        self._feeds: dict[str, Feed] = {}

    def run(self, openings: tuple[Opening, ...]) -> None:
        """Open all, then tend them until none is left."""
        for opening in openings:
            self._open(opening)
        count_at = 0.0
        while self._feeds:
            for key, feed in list(self._feeds.items()):
                self._tend(key, feed)
            for message in self._parent.asked():
                self._drop(message["drop"])
            if time.monotonic() >= count_at:
                count_at = time.monotonic() + COUNT_EVERY_S
                self._parent.tell(counters={key: feed.counters() for key, feed in self._feeds.items()})
            time.sleep(TICK_S)  # because feeds are only watched here: PortAudio's callback writes

    def _open(self, opening: Opening) -> None:
        source, key = opening.source, opening.source.key
        self._parent.tell(opening=key)
        try:
            if source.spec.is_file:
                self._feeds[key] = FileLine(source.spec, self._site, boottime_ns())
            else:
                self._feeds[key] = DeviceLines(source, opening.alias, self._site, opening.cause)
        except (RuntimeError, OSError, ValueError) as fault:
            self._parent.tell(down=key, error=str(fault))
        else:
            self._parent.tell(up=key)

    def _drop(self, key: str) -> None:
        feed = self._feeds.get(key)
        if feed is not None:
            self._give_up(key, feed)

    def _tend(self, key: str, feed: Feed) -> None:
        try:
            feed.advance(boottime_ns())
        except DeviceLost as fault:
            self._give_up(key, feed)
            self._parent.tell(lost=key, error=str(fault))
        except (OSError, ValueError) as fault:
            self._give_up(key, feed)
            self._parent.tell(down=key, error=str(fault))
        if feed.ended:
            self._give_up(key, feed)
            self._parent.tell(ended=key)

    def _give_up(self, key: str, feed: Feed) -> None:
        """Close in a thread: PortAudio can hang there. If it does, all must go, so that the device is free."""
        del self._feeds[key]
        closing = threading.Thread(target=feed.close, daemon=True)
        closing.start()
        closing.join(CLOSE_WAIT_S)
        if closing.is_alive():
            self._parent.tell(lost=key, error="the device can't be closed")
            leave(1)
