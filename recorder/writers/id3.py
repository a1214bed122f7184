"""An ID3v2.4 tag: what a file says of itself ahead of its audio (id3.org, "ID3 tag version 2.4.0")."""

from datetime import UTC, datetime

from recorder.writers.writer import Tags

_HEAD_BYTES = 10
_UTF8 = b"\3"
_USER_TEXT = b"TXXX"  # the standard's frame for text that a program names itself


def tag(tags: Tags | None) -> bytes:
    """The tag; nothing where there is nothing to say."""
    if tags is None:
        return b""
    start = datetime.fromtimestamp(tags.start_time, UTC)
    frames = (
        _frame(_USER_TEXT, "recording_id", tags.recording_id)
        + _frame(_USER_TEXT, "call_id", tags.call_id)
        + _frame(_USER_TEXT, "start_time", start.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
        + _frame(b"TDRC", start.strftime("%Y-%m-%dT%H:%M:%S"))
    )
    return b"ID3\4\0\0" + _size(len(frames)) + frames


def tag_bytes(start: bytes) -> int:
    """How long the tag is with which a file begins so; 0: it has none."""
    if start[:3] != b"ID3" or len(start) < _HEAD_BYTES:
        return 0
    return _HEAD_BYTES + _number(start[6:_HEAD_BYTES])


def read(data: bytes) -> Tags | None:
    """What a tag says that was made by `tag`; None: it was not."""
    texts: dict[str, str] = {}
    at = _HEAD_BYTES
    try:
        while at < len(data):
            start = at + _HEAD_BYTES
            at = start + _number(data[at + 4 : at + 8])
            name, _, text = data[start + 1 : at].decode().partition("\0")
            texts.setdefault(name, text)
        start_time = datetime.fromisoformat(texts["start_time"]).timestamp()
        said = Tags(texts["recording_id"], texts["call_id"], start_time)
        return said if tag(said) == data else None
    except (ValueError, KeyError, OverflowError):
        return None


def _number(data: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))


def _frame(name: bytes, *texts: str) -> bytes:
    content = _UTF8 + b"\0".join(text.encode() for text in texts)
    return name + _size(len(content)) + b"\0\0" + content


def _size(value: int) -> bytes:
    """Four times seven bits, so that no sync of a packet stands in it."""
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))
