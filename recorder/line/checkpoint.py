"""What a line writes down each second so that a restarted service goes on at the same frame.

The ear's state and the line's are both of frame `frame`: audio and inputs after it are heard and applied again.

An upgrade goes on with what the version before it wrote. What is added to a line's state is read with a default where
it is missing, and leaves LAYOUT as it is; what takes another meaning or place raises it, and `_UPGRADES` gets the
function that makes the old layout's state the new one's. The ear, whose state is C, starts fresh 5 s earlier instead.
"""

import json
import logging
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from recorder._dsp import EAR_VERSION

log = logging.getLogger(__name__)

LAYOUT = 1  # of the line's state
_UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}  # from that layout to the next
_HEAD = struct.Struct("<IIIQQ")  # layout, ear version, bytes of JSON, ring epoch, frame


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A line at `frame` of the ring made as `epoch`.

    `ear` is empty where it had heard nothing yet, and None when another version wrote it.
    """

    epoch: int
    frame: int
    line: Mapping[str, Any]
    ear: bytes | None

    def encode(self) -> bytes:
        """As bytes for a state file."""
        text = json.dumps(self.line, separators=(",", ":")).encode()
        return _HEAD.pack(LAYOUT, EAR_VERSION, len(text), self.epoch, self.frame) + text + (self.ear or b"")

    @classmethod
    def decode(cls, payload: bytes | None) -> Self | None:
        """What `encode` wrote, or an earlier version's; None for nothing, or a layout that is not known."""
        if payload is None or len(payload) < _HEAD.size:
            return None
        layout, ear_version, length, epoch, frame = _HEAD.unpack_from(payload)
        if layout != LAYOUT and layout not in _UPGRADES:
            log.warning("a checkpoint of layout %d can't be read: the latest known is %d", layout, LAYOUT)
            return None
        line = json.loads(payload[_HEAD.size : _HEAD.size + length])
        for each in range(layout, LAYOUT):
            line = _UPGRADES[each](line)
        ear = payload[_HEAD.size + length :]
        return cls(epoch, frame, line, ear if ear_version == EAR_VERSION else None)
