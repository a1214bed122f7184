"""What the reading side of the C core offers: ring reader, ear, follower, detectors, mixing."""

from os import PathLike
from typing import Literal, TypeAlias

# One result of the ear about one line, the frames counted by the line's clock. `slot` is the follower's number for it.
#
# ("audio", slot, head, judged, first_block, blocks, digits)
#     head         frames heard so far
#     judged       every frame below is final: no digit starting (less 5 ms) or voice below it is still to come
#     first_block  number of the first 10 ms block told of here (block k is frames k*rate/100 ..)
#     blocks       per party (speak, then listen): bytes, 6 to a block: int16 minimum, int16 maximum, uint8 voice
#                  probability x 255, uint8 level in -dBFS x 2 (RMS; 255 for silence); so blocks[p][4::6] is the voice
#     digits       tuple of (party, "on" | "off", digit, frame): frame is the tone's first or last frame
# ("gap", slot, start, frames)          filled silence in the ring, told before the audio that covers it
# ("lost", slot, start, frames)         the ring overwrote these before we read them; detectors start anew behind them
# ("silent", slot, head, boottime_ns)   no frame for 1 s; the moment of the last write
# ("back", slot, head)                  frames come again, from head on
# ("ended", slot, frame)                the input ended here and the detectors are flushed
# ("retired", slot, head)               the file is no longer this line's ring: open the new one
# ("snapshot", slot, frame, state)      the ear as it stood when it had heard frames below `frame`; never inside a gap,
#                                       so that who goes on from it is told of each gap whole
# ("hum", slot, frame, parties)         mains hum in the 200 ms that end at `frame`: by party 50 or 60 Hz, or 0 where it
#                                       does not hum, and its level in -dBFS x 2; see ext/include/hum.h
Heard: TypeAlias = (
    tuple[Literal["audio"], int, int, int, int, tuple[bytes, ...], tuple[tuple[int, str, str, int], ...]]
    | tuple[Literal["gap", "lost"], int, int, int]
    | tuple[Literal["silent"], int, int, int]
    | tuple[Literal["back", "ended", "retired"], int, int]
    | tuple[Literal["snapshot"], int, int, bytes]
    | tuple[Literal["hum"], int, int, tuple[tuple[int, int], ...]]
)

EAR_VERSION: int  # layout of an ear's snapshot; another version starts fresh 5 s earlier

class RingFault(ValueError):
    """The file is no ring that can be read: absent, wrong magic, version, boot or size; the message says which."""

class Overtaken(LookupError):
    """The ring overwrote the frames asked for. args: message, the oldest frame still readable."""

    oldest: int

class RingReader:
    """One line's ring, mapped read-only. Frames count from the ring's creation."""

    line: str
    rate: int
    channels: int
    capacity: int
    epoch: int
    def __init__(self, path: str | PathLike[str]) -> None: ...
    @property
    def head(self) -> int: ...
    @property
    def oldest(self) -> int: ...
    @property
    def ended(self) -> bool: ...
    @property
    def retired(self) -> bool: ...
    @property
    def heartbeat_ns(self) -> int: ...
    def read(self, first: int, frames: int) -> bytes:
        """Interleaved s16le. Raises Overtaken; ValueError when some of it is not written yet."""
    def gaps(self, after: int = 0) -> list[tuple[int, int, int, int]]:
        """(number, start, frames, cause) of the logged gaps numbered above `after`, oldest first."""
    def frame_at(self, boottime_ns: int) -> int:
        """The frame sampled nearest that moment of CLOCK_BOOTTIME, by the newest anchor; may lie past head.

        Before the first anchor: head. frame_at(time_of(frame)[0]) is frame, where one anchor serves both.
        """
    def time_of(self, frame: int) -> tuple[int, int]:
        """(boottime_ns, realtime_ns) at which the frame was sampled; (0, 0) before the first anchor."""
    @property
    def drift_ppm(self) -> float | None:
        """How much faster than its nominal rate the device runs, by the system's clock; None: not measured."""
    def close(self) -> None: ...

class Ear:
    """The detectors of one line (one or two parties), hearing what it is given. Any block size."""

    def __init__(self, rate: int, parties: int, first_frame: int = 0) -> None:
        """ValueError: rate not 8000, 16000, 44100 or 48000; parties not 1 or 2; first_frame off the 10 ms grid."""
    def hear(self, pcm: bytes) -> Heard:
        """One "audio" result with slot 0. Interleaved s16le."""
    def flush(self) -> Heard:
        """Hear 100 ms of silence that is not counted: the last "audio" result, judged == head == frames given.

        hear and flush afterwards: ValueError.
        """
    def snapshot(self) -> bytes: ...
    def restore(self, state: bytes) -> None:
        """ValueError: of another version, rate or number of parties."""

class Follower:
    """All lines followed in one C loop: every 20 ms each ring is read, heard, and told of in a lock-free queue.

    run() is the audio thread and holds no GIL; the other methods belong to one other thread. A full queue leaves the
    audio in the rings. Every 0.5 s of a line's audio a "snapshot" follows that tick's results.
    """

    def __init__(self, slots: int = 64, queue_bytes: int = 1 << 20) -> None: ...
    def add(self, slot: int, ring: RingReader, first_frame: int, state: bytes | None = None) -> None:
        """Follow from first_frame (rounded down to the 10 ms grid when there is no state).

        ValueError: slot in use or out of range, a rate or number of channels that no ear has, a state of another
        version or frame. The ring stays mapped until remove(), even if its reader is closed.
        """
    def remove(self, slot: int) -> None:
        """Returns when the audio thread has let go of the ring: drain() tells no more of it. ValueError: not in use."""
    def run(self) -> None: ...
    def stop(self) -> None:
        """End run() within 20 ms, for good."""
    def fileno(self) -> int:
        """An eventfd: readable when results wait."""
    def drain(self) -> list[Heard]: ...
    @property
    def passes(self) -> int:
        """Passes over all rings so far: the watchdog's pulse."""

def mix(pcm: bytes, channels: int, direction: Literal["speak", "listen", "both"], stereo: bool) -> bytes:
    """Frames of a line (1 or 2 channels, s16le) as they stand in a file: mono, or speak left and listen right.

    Mono `both` is the saturating sum. A line of one channel gives its speak channel, mono, whatever is asked.
    """

def peaks(pcm: bytes, channels: int, window: int) -> bytes:
    """The lowest and highest sample of each `window` frames of a file, the last window perhaps in part.

    int16 minimum, int16 maximum, native: all windows of the first channel, then those of the second. ValueError:
    channels not 1 or 2, a window of 0, no whole frames.
    """

def voice_threshold(sensitivity: float) -> int:
    """The speech probability x 255 from which a block is speech at that sensitivity. ValueError: not 0..100."""

class VoiceGate:
    """Hysteresis from speech probability to talk spurts; see recorder.dsp.VoiceGate."""

    delay_blocks: int
    """A change is told at most so many blocks after the block it names: with blocks below n fed, all before block
    n - delay_blocks is final."""
    def __init__(self, sensitivity: float, block_frames: int) -> None:
        """ValueError: sensitivity not 0..100, block_frames 0."""
    @property
    def speaking(self) -> bool: ...
    def feed(self, first_block: int, voice: bytes) -> list[tuple[bool, int]]:
        """Changes as (speaking, frame), in order: frame is the first of the change, by the line's clock.

        The first feed may begin at any block; blocks left out later count as silence; ValueError: fed already.
        """
    def save(self) -> bytes: ...
    def load(self, state: bytes) -> None:
        """ValueError: of another version or sensitivity."""

class DigitCore:
    """What recorder.dsp.DigitDetector is made of. Events are (kind, digit, frame)."""

    def __init__(self, rate: int) -> None: ...
    latency_frames: int
    def process(self, pcm: bytes) -> list[tuple[str, str, int]]: ...
    def flush(self) -> list[tuple[str, str, int]]: ...

class VoiceCore:
    """What recorder.dsp.VoiceDetector is made of."""

    def __init__(self, rate: int) -> None: ...
    latency_frames: int
    def process(self, pcm: bytes) -> bytes:
        """float32 probabilities, one per complete 10 ms."""
    def reset(self) -> None: ...
