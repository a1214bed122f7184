"""What a line writes down twice a second so that a restarted service goes on at the same frame.

The ear's state and the line's are both of frame `frame`: audio and inputs after it are heard and applied again.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from recorder._dsp import EAR_VERSION

LAYOUT = 1  # of the line's state; another layout is not read
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
        """What `encode` wrote; None for nothing, or what another layout wrote."""
        if payload is None or len(payload) < _HEAD.size:
            return None
        layout, ear_version, length, epoch, frame = _HEAD.unpack_from(payload)
        if layout != LAYOUT:
            return None
        text = payload[_HEAD.size : _HEAD.size + length]
        ear = payload[_HEAD.size + length :]
        return cls(epoch, frame, json.loads(text), ear if ear_version == EAR_VERSION else None)
