"""Who is to blame when frames stop: pure decisions over what a child told and when its rings last moved."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from recorder.capture.spec import Source

NS_PER_S = 1_000_000_000
SILENT_NS = NS_PER_S  # a heartbeat older than this: the device is dead
SPUN_NS = 4 * NS_PER_S // 10  # a thread that spins is ended after process.SPIN_LIMIT_US; a little less
FIRST_NS = 2 * NS_PER_S  # as long may pass between opening and the first frame
OPENING_NS = 3 * NS_PER_S  # longer than this nothing takes to open
SPLIT_WITHIN_NS = 60 * NS_PER_S  # a second collapse of a child so soon puts each of its sources into its own


@dataclass
class Post:
    """One source in one child, as the parent knows it."""

    source: Source
    since_ns: int  # of the present state, or of the last sign of life of a child that has not come to it
    state: Literal["waiting", "opening", "up", "ended"] = "waiting"
    heartbeat_ns: int = 0
    counters: dict[str, int] = field(default_factory=dict)


def _overdue(post: Post, now_ns: int) -> bool:
    if post.state in ("opening", "waiting"):
        return now_ns - post.since_ns > OPENING_NS
    if post.state == "ended":
        return False
    if post.heartbeat_ns < post.since_ns:
        return now_ns - post.since_ns > FIRST_NS
    return now_ns - post.heartbeat_ns > SILENT_NS


def stuck(posts: Iterable[Post], now_ns: int) -> list[Source]:
    """Sources whose child is to be killed for them. Those that wait behind one that opens are not to blame."""
    overdue = [post for post in posts if _overdue(post, now_ns)]
    to_blame = [post for post in overdue if post.state != "waiting"]
    return [post.source for post in to_blame or overdue]


def silent_in_crash(posts: Iterable[Post], now_ns: int) -> list[Source]:
    """Sources that had stood still when their child crashed, if others had not: one spun until it was ended."""
    up = [post for post in posts if post.state == "up"]
    silent = [post for post in up if now_ns - max(post.heartbeat_ns, post.since_ns) > SPUN_NS]
    return [post.source for post in silent] if len(silent) < len(up) else []


@dataclass
class Collapses:
    """Ends of a child that no source in particular is to blame for."""

    last_ns: int | None = None

    def split(self, now_ns: int) -> bool:
        """Note one more; whether its sources are to be kept apart from now on."""
        soon = self.last_ns is not None and now_ns - self.last_ns < SPLIT_WITHIN_NS
        self.last_ns = now_ns
        return soon


def crashed(status: int | None) -> bool:
    """Whether a child died of itself: not by a SIGKILL or SIGTERM from outside, and not in order."""
    return status not in (0, 1, None, -9, -15)
