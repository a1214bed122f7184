"""LAME as a stream of packets: frames in, whole packets out, and silence at next to no cost.

What LAME makes of silence is the same packet again and again, without main data. Once it has come to that, further
packets are copied, and LAME does not notice that time has passed: the packets on both sides fit as if it had heard it.
"""

from typing import Any

from recorder.writers.mp3packets import Shape

SETTLED_PACKETS = 8  # of silence heard: more than LAME looks back and ahead


class Encoder:
    """One stream at a constant bit rate, in kbit/s; `quality` is LAME's. Give it frames, `finish`, no more."""

    def __init__(self, shape: Shape, bit_rate: int, quality: int) -> None:
        self._shape = shape
        self._frame_bytes = 2 * shape.channels
        self._lame = lame(shape, bit_rate, quality)
        self._rest = b""  # of a packet that is not whole yet
        self._last = b""  # packet
        self._silent = 0  # frames of silence that LAME heard last
        self._owed = 0  # frames of silence, less than a packet, that it is still to hear

    def hear(self, pcm: bytes) -> list[bytes]:
        """The packets that these frames complete."""
        if not pcm.lstrip(b"\0"):
            return self.hush(len(pcm) // self._frame_bytes)
        owed, self._owed = self._owed, 0
        self._silent = 0
        return self._whole(self._encode(bytes(owed * self._frame_bytes) + pcm if owed else pcm))

    def hush(self, frames: int) -> list[bytes]:
        """The packets that so many frames of silence complete."""
        packets: list[bytes] = []
        size = self._shape.packet_frames
        while frames > 0 and not self._is_settled:
            piece = min(frames, size)
            packets += self._whole(self._encode(bytes(piece * self._frame_bytes)))
            self._silent += piece
            frames -= piece
        copies, self._owed = divmod(self._owed + frames, size)
        return packets + [self._last] * copies

    def finish(self) -> list[bytes]:
        """The packets of all that was held back."""
        owed, self._owed = self._owed, 0
        last = self._encode(bytes(owed * self._frame_bytes)) if owed else b""
        return self._whole(last + bytes(self._lame.flush()))

    @property
    def _is_settled(self) -> bool:
        heard_enough = self._silent >= SETTLED_PACKETS * self._shape.packet_frames
        return heard_enough and self._last != b"" and self._shape.main_data_bytes(self._last) == 0

    def _encode(self, pcm: bytes) -> bytes:
        return bytes(self._lame.encode(pcm))

    def _whole(self, more: bytes) -> list[bytes]:
        data = self._rest + more
        packets, start = [], 0
        for end in self._shape.ends(data):
            packets.append(data[start:end])
            start = end
        self._rest = data[start:]
        if packets:
            self._last = packets[-1]
        return packets


def lame(shape: Shape, bit_rate: int, quality: int) -> Any:
    """An encoder of lameenc. ImportError: it is not there."""
    import lameenc  # noqa: PLC0415 # because who records no MP3 should not carry it

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(shape.channels)
    encoder.set_in_sample_rate(shape.rate)
    encoder.set_out_sample_rate(shape.rate)
    encoder.set_bit_rate(bit_rate)
    encoder.set_quality(quality)
    return encoder
