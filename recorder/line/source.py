"""Where a line's audio stands, with the times at which it was sampled: its ring, or a file that is pulled."""

from typing import Protocol

from recorder.writers.source import Source


class LineSource(Source, Protocol):
    """A Source that knows its clock. recorder._dsp.RingReader is one."""

    @property
    def epoch(self) -> int:
        """Whose frames these are: frame numbers of two epochs don't compare."""

    @property
    def oldest(self) -> int:
        """The first frame that can still be read."""

    def frame_at(self, boottime_ns: int) -> int:
        """The frame being sampled at that moment of CLOCK_BOOTTIME."""

    def time_of(self, frame: int) -> tuple[int, int]:
        """(CLOCK_BOOTTIME, CLOCK_REALTIME) in ns at which the frame was sampled."""
