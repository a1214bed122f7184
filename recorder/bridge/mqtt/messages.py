"""What goes between the loop and the thread that talks to the broker."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A message that came in, at a moment of CLOCK_BOOTTIME. `retained`: the copy that a broker kept, not a new one."""

    topic: str
    payload: bytes
    retained: bool
    response_topic: str | None
    correlation: bytes | None
    arrived_ns: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the broker said to a message of QoS 1: its reason code (MQTT 5, section 3.4.2.1) and its name."""

    code: int
    name: str

    @property
    def is_refusal(self) -> bool:
        """Whether the broker did not take the message."""
        return self.code >= 0x80


@dataclass(frozen=True, slots=True)
class Publication:
    """A message to be sent. `settled` is called in the loop with the broker's verdict, if one comes (QoS 1)."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    correlation: bytes | None = None
    settled: Callable[[Verdict], None] | None = None
