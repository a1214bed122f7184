"""A call's metadata: kept with its recordings, never in events."""

import json

from recorder.contract.values import Unfit

MOST_BYTES = 4096  # of its JSON, UTF-8


def call_metadata(value: object) -> dict[str, str]:
    """Strings by name, flat and printable, at most MOST_BYTES as JSON. Raises Unfit."""
    allowed = f"an object of printable strings, at most {MOST_BYTES} bytes as JSON"
    if not isinstance(value, dict) or len(value) > MOST_BYTES:
        raise Unfit(allowed)
    for name, entry in value.items():
        if not isinstance(name, str) or not isinstance(entry, str) or not (name + entry).isprintable():
            raise Unfit(allowed)
    metadata: dict[str, str] = dict(value)
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > MOST_BYTES:
        raise Unfit(allowed)
    return metadata
