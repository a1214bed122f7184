"""A WAV as a line's source, pulled as fast as it goes: no ring, no clock but its own."""

import array
import time

from recorder.capture.wavfile import WavSource


class PulledFile:
    """A LineSource out of a file's channels: speak, then listen where there is one."""

    def __init__(self, path: str, speak: int, listen: int | None) -> None:
        """Raise WavFault for what is not a WAV of ours, OSError for what can't be opened."""
        self._wav = WavSource(path)
        self._picked = (speak,) if listen is None else (speak, listen)
        self._began_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.time_ns()
        self.rate = self._wav.rate
        self.channels = len(self._picked)
        self.epoch = 0
        self.oldest = 0
        self.head = self._wav.frames

    def read(self, first: int, frames: int) -> bytes:
        """Interleaved s16le of the picked channels. ValueError: beyond the end."""
        pcm = self._wav.read(first, frames)
        if self._picked == tuple(range(self._wav.channels)):
            return pcm
        device, line = array.array("h", pcm), array.array("h", bytes(2 * frames * self.channels))
        for channel, picked in enumerate(self._picked):
            line[channel :: self.channels] = device[picked :: self._wav.channels]
        return line.tobytes()

    def frame_at(self, boottime_ns: int) -> int:
        """Give 0, so that a command counts from what is heard so far: the file has no present."""
        del boottime_ns
        return 0

    def time_of(self, frame: int) -> tuple[int, int]:
        """As if the file had been played in real time from now on."""
        passed_ns = frame * 1_000_000_000 // self.rate
        boottime_ns, realtime_ns = self._began_ns
        return boottime_ns + passed_ns, realtime_ns + passed_ns
