"""WAV files by the byte, well made and not."""

import struct
from pathlib import Path

PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    """A RIFF chunk, padded; `size` is what its head claims."""
    return name + struct.pack("<I", len(body) if size is None else size) + body + bytes(len(body) % 2)


def fmt(rate: int = 8000, channels: int = 1, bits: int = 16, tag: int = 1) -> bytes:
    frame = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits)


def extensible(rate: int = 8000, channels: int = 1, guid: bytes = PCM_GUID) -> bytes:
    return fmt(rate, channels, tag=0xFFFE) + struct.pack("<HHI", 22, 16, 0) + guid


def riff(*chunks: bytes, form: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack("<I", len(body)) + body


def write_wav(path: Path, pcm: bytes, rate: int = 8000, channels: int = 1) -> Path:
    path.write_bytes(riff(chunk(b"fmt ", fmt(rate, channels)), chunk(b"data", pcm)))
    return path
