"""The lines of one device: its stream, and the rings that its callback fills."""

from recorder._capture import Intake
from recorder.capture.rings import open_ring
from recorder.capture.spec import Cause, Site, Source

STEADY_S = 1.0  # of audio, after which a stream runs as it will run on


class DeviceLost(RuntimeError):
    """The device's stream ended by itself."""


class DeviceLines:
    """One device at work in this process."""

    ended = False

    def __init__(self, source: Source, alias: str, site: Site, cause: Cause) -> None:
        """Open rings and device. Raise OpenFailed, or OSError or ValueError for a ring."""
        # Here, since importing it initialises PortAudio: a child with file lines alone needs none of it.
        from recorder.capture import streams  # noqa: PLC0415 # because of the above

        spec = source.spec
        self._intake = Intake(spec.rate, spec.channels, cause)
        self._rings = []
        self._foremost = False
        self._steady_frames = spec.rate * STEADY_S
        try:
            for line in source.lines:
                frames = site.ring_frames(line.rate)
                channels = line.channel_map
                self._rings.append(open_ring(site.ring_path(line.id), line.id, line.rate, len(channels), frames))
                self._intake.add(self._rings[-1], channels)
            self._stream = streams.start("input", alias, self._intake, spec.latency_s, spec.block_frames)
        except BaseException:
            self._close_rings()
            raise

    def advance(self, _now_ns: int) -> None:
        """PortAudio's thread does the work. Raise DeviceLost when it has left."""
        if self._intake.finished:
            raise DeviceLost("the device stopped giving frames")
        if not self._foremost and self._intake.counters()["frames"] > self._steady_frames:
            self._foremost = True
            self._stream.put_foremost()

    def counters(self) -> dict[str, int]:
        """What the callback saw."""
        return self._intake.counters()

    def close(self) -> None:
        """Let go of the device, which can hang, then of the rings: until then its callback may write to them."""
        self._stream.close()
        self._close_rings()

    def _close_rings(self) -> None:
        for ring in self._rings:
            ring.close()
