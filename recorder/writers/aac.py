"""AAC-LC by PyAV, as packets: what stands in them is the codec's business, how many and of what is told here.

Packet n is decoded, with the one before it, to the frames of block n - 1; so the first adds nothing that is to be
heard, and a file of n packets plays n - 1 blocks. To make one, the codec wants to have heard one block more.
"""

from collections import deque
from fractions import Fraction
from typing import Any

from recorder.writers.bitrates import aac_kbit_s_for
from recorder.writers.errors import WriteError

PACKET_FRAMES = 1024
DELAY_FRAMES = 1024  # what is decoded before the first frame that was given
_PRIME_PACKETS = 3  # of a new codec's, until they are as if it had been at work before
_RATE_INDEX = {48000: 3, 44100: 4, 16000: 8, 8000: 11}  # ISO/IEC 14496-3, table 1.18
_MOST_PACKET_BITS = 6144  # for each channel
_SILENT = {1: bytes.fromhex("01182007"), 2: bytes.fromhex("211004608c1c")}  # as the codec itself writes silence
_QUIET_BLOCKS = 4  # of silence, behind which the codec remembers nothing else
# fast: a third of the CPU of the default. No noise in place of noise-like sound, no parts common to the channels: what
# one party says stays in its own, as it was. No shaping of noise in time: it costs 5 %, and no voice is nearer by it.
_OPTIONS = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0", "aac_ms": "0", "aac_tns": "0"}


def bit_rate_of(rate: int, channels: int, kbits: int) -> int:
    """Bits per second: what is configured, as far as AAC can have it, or what serves speech at that rate."""
    most = _MOST_PACKET_BITS * channels * rate // PACKET_FRAMES
    return min(kbits * 1000, most) or aac_kbit_s_for(rate) * channels * 1000


def audio_specific_config(rate: int, channels: int) -> bytes:
    """AAC-LC at that rate, and that nothing above half of it is hidden in the packets (SBR). ValueError: no such."""
    if rate not in _RATE_INDEX or channels not in _SILENT:
        raise ValueError(f"no AAC of {channels} channels at {rate} Hz")
    return (2 << 11 | _RATE_INDEX[rate] << 7 | channels << 3).to_bytes(2, "big") + b"\x56\xe5\x00"


class AacEncoder:
    """Blocks of PACKET_FRAMES frames in, packets out: hearing block n gives packet n - 1.

    A codec remembers: how it codes a packet hangs on all before. So that a recording which is picked up goes on with
    the very packets that it would have had, the codec is replaced by a new one every `stretch` packets: who begins with
    the block that `start_for` gives makes the same packets as who was at work all the time.

    In silence it stands still: all that the codec remembers is silent then, so ready-made packets take the place of its
    own, and it goes on afterwards as if it had been at work.
    """

    def __init__(self, rate: int, channels: int, bit_rate: int, *, stretch: int, block: int = 0) -> None:
        """`block`: the number of the first block to come."""
        self._codec = _Codec(rate, channels, bit_rate)
        self._channels = channels
        self._stretch = stretch
        self._block = block
        self._recent: deque[bytes] = deque(maxlen=_PRIME_PACKETS + 1)
        self._quiet = 0  # blocks of silence that the codec heard last
        self.block_bytes = PACKET_FRAMES * channels * 2
        self._zeros = bytes(self.block_bytes)

    def encode(self, pcm: bytes) -> list[bytes]:
        """Give the packets that whole blocks of interleaved s16le make."""
        packets: list[bytes] = []
        start = 0
        for at in range(0, len(pcm), self.block_bytes):
            end = at + self.block_bytes
            block = pcm[at:end]
            if block != self._zeros:
                self._quiet = 0
            elif self._quiet < _QUIET_BLOCKS:
                self._quiet += 1
            else:
                packets += self._codec.encode(pcm[start:at])
                packets.append(_SILENT[self._channels])
                start = end
            self._recent.append(block)
            if self._block and self._block % self._stretch == 0:
                packets += self._codec.encode(pcm[start:end])
                start = end
                self._renew()
            self._block += 1
        return packets + self._codec.encode(pcm[start:])

    def silence(self, blocks: int) -> list[bytes]:
        """Give the packets that so many silent blocks make."""
        heard = min(blocks, _QUIET_BLOCKS + _PRIME_PACKETS + 1)
        packets = self.encode(self._zeros * heard)
        passed = blocks - heard
        if (self._block - 1) // self._stretch != (self._block + passed - 1) // self._stretch:
            self._renew()
        self._block += passed
        return packets + [_SILENT[self._channels]] * passed

    def flush(self) -> list[bytes]:
        """Give the packets that still come of what was given. Nothing can be encoded afterwards."""
        return self._codec.flush()

    def _renew(self) -> None:
        recent = b"".join(self._recent)
        if not recent.strip(b"\0"):
            recent = self._zeros * _QUIET_BLOCKS
        self._codec.renew(recent)
        self._quiet = (len(recent) - len(recent.rstrip(b"\0"))) // self.block_bytes


class _Codec:
    """PyAV's encoder; it is opened when there is something to encode."""

    def __init__(self, rate: int, channels: int, bit_rate: int) -> None:
        try:
            import av  # noqa: PLC0415  # because it is 21 MB, which a service that records none of it does not carry
        except ImportError as error:
            raise WriteError("write_error", f"PyAV, which encodes MP4, can't be loaded: {error}") from error

        self._av: Any = av
        self._rate = rate
        self._channels = channels
        self._layout = "stereo" if channels == 2 else "mono"
        self._time_base = Fraction(1, rate)
        self._bit_rate = bit_rate
        self._first = b""  # what it hears first when it is opened
        self._context: Any = None
        self._frames = 0  # that it heard

    def renew(self, pcm: bytes) -> None:
        """Be a new one that has heard that, and gave the packets of it."""
        self._first, self._context = pcm, None

    def encode(self, pcm: bytes) -> list[bytes]:
        """The packets that come of these whole blocks."""
        if not pcm:
            return []
        self._open()
        return self._hear(pcm)

    def flush(self) -> list[bytes]:
        """The packets that still come."""
        self._open()
        return [bytes(packet) for packet in self._context.encode(None)]

    def _open(self) -> None:
        if self._context is not None:
            return
        self._context = self._av.CodecContext.create("aac", "w")
        self._context.sample_rate, self._context.layout, self._context.format = self._rate, self._layout, "fltp"
        self._context.bit_rate, self._context.time_base = self._bit_rate, self._time_base
        self._context.options = _OPTIONS
        self._context.open()
        self._frames = 0
        if self._first:
            self._hear(self._first)

    def _hear(self, pcm: bytes) -> list[bytes]:
        frame = self._av.AudioFrame(format="s16", layout=self._layout, samples=len(pcm) // (2 * self._channels))
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.time_base, frame.pts = self._rate, self._time_base, self._frames
        self._frames += frame.samples
        return [bytes(packet) for packet in self._context.encode(frame)]


def start_for(packet: int, stretch: int) -> int:
    """The block to begin with for a packet to be as it always is."""
    return max(0, packet // stretch * stretch - _PRIME_PACKETS)
