"""Where everything of this box stands: below `<prefix>/<node_id>`."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_TOPIC_BYTES = 65535  # MQTT 5, section 1.5.4


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one node."""

    prefix: str
    node_id: str

    @property
    def base(self) -> str:
        """What is below it is ours alone."""
        return f"{self.prefix}/{self.node_id}"

    @property
    def availability(self) -> str:
        """Retained: `online` or `offline`."""
        return f"{self.base}/availability"

    @property
    def info(self) -> str:
        """Retained: what the box is."""
        return f"{self.base}/info"

    @property
    def health(self) -> str:
        """Retained: how the box is."""
        return f"{self.base}/health"

    @property
    def requests(self) -> str:
        """The filter of every line's requests."""
        return f"{self.base}/lines/+/request"

    def of_line(self, line: str, leaf: str) -> str:
        """A line's `request`, `response`, `event` or `state`."""
        return f"{self.base}/lines/{line}/{leaf}"

    def line_of(self, topic: str) -> str | None:
        """The line that a request's topic names; None: it is no such topic."""
        head, tail = f"{self.base}/lines/", "/request"
        line = topic[len(head) : -len(tail)]
        return line if topic == f"{head}{line}{tail}" and "/" not in line else None

    def may_answer_on(self, topic: str, prefixes: Sequence[str]) -> bool:
        """Whether an answer may go to that Response Topic: below one of `prefixes`, never to us or to a wildcard."""
        is_below = any(topic.startswith(prefix) and len(topic) > len(prefix) for prefix in prefixes)
        is_ours = topic == self.base or topic.startswith(f"{self.base}/")
        is_plain = topic.isprintable() and not set(topic) & set("+#") and len(topic.encode()) <= MOST_TOPIC_BYTES
        return is_below and is_plain and not is_ours
