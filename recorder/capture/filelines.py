"""A WAV file as a line, in real time.

Frame n of the ring is frame n of the file (modulo its length with `loop`) and is due n / rate after frame 0 was, by
CLOCK_BOOTTIME. After a freeze the file catches up and loses nothing. A restarted process goes on as a live line would:
what was due meanwhile is a gap, and the file has moved on.
"""

import time
from array import array

from recorder._dsp import RingReader
from recorder.capture.rings import open_ring
from recorder.capture.spec import LineSpec, Site
from recorder.capture.wavfile import WavFault, WavSource

NS_PER_S = 1_000_000_000
ANCHOR_EVERY_NS = NS_PER_S // 2
PIECE_S = 1.0  # most that is read at once when catching up


def fits(spec: LineSpec, wav: WavSource) -> None:
    """Raise WavFault when line and file contradict each other."""
    faults = []
    if spec.rate not in (0, wav.rate):
        faults.append(f"it has {wav.rate} Hz, the line is set to {spec.rate}")
    if spec.channels not in (0, wav.channels):
        faults.append(f"it has {wav.channels} channels, the line is set to {spec.channels}")
    faults += [f"it has no channel {channel}" for channel in spec.channel_map if channel >= wav.channels]
    if faults:
        raise WavFault(f"{wav.path}: {'; '.join(faults)}")


def open_wav(spec: LineSpec) -> WavSource:
    """The line's file. Raise WavFault, or OSError."""
    wav = WavSource(spec.target)
    try:
        fits(spec, wav)
    except WavFault:
        wav.close()
        raise
    return wav


class FileLine:
    """One file line; `advance` is called often."""

    def __init__(self, spec: LineSpec, site: Site, now_ns: int) -> None:
        """Open file and ring and go on where the ring was. Raise WavFault, or OSError."""
        self.ended = False
        self._loop = spec.loop
        self._wav = open_wav(spec)
        self._map = spec.channel_map
        self._whole = self._map == tuple(range(self._wav.channels))
        path, rate = site.ring_path(spec.id), self._wav.rate
        self._ring = open_ring(path, spec.id, rate, len(self._map), site.ring_frames(rate))
        head = self._ring.head
        # Frame _due was due at _due_ns, the head of a new ring now.
        self._due, self._due_ns = (RingReader(path).frame_at(now_ns) if self._ring.attached else head), now_ns
        missed = self._due if self._loop else min(self._due, self._wav.frames)
        if missed > head:
            self._ring.write_gap(missed - head, "restart")
        self._anchor(now_ns)

    def advance(self, now_ns: int) -> None:
        """Write every frame that is due. Raise WavFault when the file has become shorter."""
        due = self._due + (now_ns - self._due_ns) * self._wav.rate // NS_PER_S
        if not self._loop:
            due = min(due, self._wav.frames)
        if now_ns - self._anchored_ns >= ANCHOR_EVERY_NS:
            self._anchor(now_ns)
        while (head := self._ring.head) < due:
            self._ring.write(self._read(head, min(due - head, round(PIECE_S * self._wav.rate))))
        if not self._loop and head >= self._wav.frames and not self.ended:
            self._ring.set_ended()
            self.ended = True

    def counters(self) -> dict[str, int]:
        """Nothing is seen that the ring does not tell."""
        return {}

    def close(self) -> None:
        """Let go of ring and file."""
        self._ring.close()
        self._wav.close()

    def _anchor(self, now_ns: int) -> None:
        head = self._ring.head
        sampled_ns = self._due_ns + (head - self._due) * NS_PER_S // self._wav.rate
        real_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - (now_ns - sampled_ns)
        self._ring.write_anchor(head, sampled_ns, real_ns, float(self._wav.rate))
        self._anchored_ns = now_ns

    def _read(self, head: int, frames: int) -> bytes:
        """Frames of the ring from `head` on; fewer than asked where the file starts again."""
        position = head % self._wav.frames
        pcm = self._wav.read(position, min(frames, self._wav.frames - position))
        if self._whole:
            return pcm
        given, picked = array("h", pcm), array("h", bytes(len(pcm) // self._wav.channels * len(self._map)))
        for ours, theirs in enumerate(self._map):
            picked[ours :: len(self._map)] = given[theirs :: self._wav.channels]
        return picked.tobytes()
