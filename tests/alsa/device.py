"""ALSA devices made of files: lines that play a known source, speakers that keep what they are given.

The hardware is testline.c; this is the hand on its cable.
"""

import ctypes
import fcntl
import mmap
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PLUGIN_SOURCE = Path(__file__).with_name("testline.c")
NS_PER_S = 1_000_000_000

WELL, STALLED, UNPLUGGED, BROKEN = range(4)


class _Break(ctypes.Structure):
    _fields_ = (("stopped_at", ctypes.c_uint64), ("started_at", ctypes.c_uint64), ("boottime_ns", ctypes.c_int64))


class _Control(ctypes.Structure):
    """struct testline_control of testline.h."""

    _fields_ = (
        ("fault", ctypes.c_int64),
        ("epoch_ns", ctypes.c_int64),
        ("overruns", ctypes.c_uint64),
        ("given", ctypes.c_uint64),
        ("starts", ctypes.c_uint64),
        ("breaks", _Break * 64),
    )


@dataclass(frozen=True)
class Break:
    """The device moved again at its frame started_at; those from stopped_at on were given to nobody."""

    stopped_at: int
    started_at: int
    boottime_ns: int

    @property
    def lost(self) -> int:
        return self.started_at - self.stopped_at


class Device:
    """One device in a directory of its own. Frames are those of its file, s16le, interleaved."""

    direction = ""
    loop = ""

    def __init__(self, directory: Path, name: str, *, rate: int, channels: int, speed: int = 1) -> None:
        self.name, self.rate, self.channels, self.speed = name, rate, channels, speed
        self.file = directory / f"{name}.raw"
        self.file.touch()
        self.control_path = directory / f"{name}.control"
        self.control_path.write_bytes(bytes(ctypes.sizeof(_Control)))
        with self.control_path.open("r+b") as control:
            self._control = _Control.from_buffer(mmap.mmap(control.fileno(), 0))

    def stall(self) -> None:
        """Stand still: no frame, no error; the line's audio meanwhile is lost."""
        self._control.fault = STALLED

    def unplug(self) -> None:
        """Be gone: every call answers -ENODEV, opening too."""
        self._control.fault = UNPLUGGED

    def break_(self) -> None:
        """Answer POLLERR to every poll, and give no frame; opening goes well."""
        self._control.fault = BROKEN

    def plug(self) -> None:
        """Be well again."""
        self._control.fault = WELL

    @property
    def overruns(self) -> int:
        """Times that the other side came too late: overruns of a line, underruns of a speaker."""
        return int(self._control.overruns)

    @property
    def is_open(self) -> bool:
        """Some process has it open."""
        with self.control_path.open("rb") as control:
            try:
                fcntl.flock(control, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def starts(self) -> int:
        return int(self._control.starts)

    @property
    def given(self) -> int:
        """Behind the last frame that the reader took, or that was played."""
        return int(self._control.given)

    @property
    def breaks(self) -> list[Break]:
        """The starts after the first one, oldest first; 63 at most."""
        kept = range(max(1, self.starts - 63), self.starts)
        slots = [self._control.breaks[number % 64] for number in kept]
        return [Break(slot.stopped_at, slot.started_at, slot.boottime_ns) for slot in slots]

    def definition(self) -> str:
        """Its entry in an ALSA configuration."""
        return (
            f'pcm.{self.name} {{ type testline control "{self.control_path}" {self.direction} "{self.file}"'
            f" rate {self.rate} channels {self.channels} speed {self.speed} {self.loop} }}\n"
        )


class AlsaLine(Device):
    """A capture device that plays `source` by the clock from its first start, heard or not; then silence."""

    direction = "source"

    def __init__(
        self, directory: Path, name: str, source: bytes, *, rate: int = 8000, channels: int = 1, speed: int = 1
    ) -> None:
        super().__init__(directory, name, rate=rate, channels=channels, speed=speed)
        self.file.write_bytes(source)

    @property
    def handed_out(self) -> bytes:
        """What its readers got, one behind the other, by its own account: the source but for the breaks."""
        source, size = self.file.read_bytes(), 2 * self.channels
        firsts = [0, *(one.started_at for one in self.breaks)]
        ends = [*(one.stopped_at for one in self.breaks), self.given]
        return b"".join(source[first * size : end * size] for first, end in zip(firsts, ends, strict=True))

    def frame_at(self, boottime_ns: int) -> float:
        """The frame that passed the microphone at that moment of CLOCK_BOOTTIME."""
        since_ns = boottime_ns - int(self._control.epoch_ns)
        return since_ns * self.rate * self.speed / NS_PER_S


class AlsaSpeaker(Device):
    """A playback device that plays in real time and keeps what it played."""

    direction = "sink"

    def heard_by(self, line: AlsaLine) -> Self:
        """A cable from here to that line, which has the same rate and channels: it hears what is played."""
        self.file, self.loop = line.file, f'loop "{line.control_path}"'
        return self

    @property
    def played(self) -> bytes:
        return self.file.read_bytes()

    def time_of(self, frame: int) -> int:
        """CLOCK_BOOTTIME in ns at which that frame of `played` was heard."""
        starts = [self._control.breaks[number % 64] for number in range(max(0, self.starts - 64), self.starts)]
        start = [one for one in starts if one.started_at <= frame][-1]
        since_start = frame - int(start.started_at)
        return int(start.boottime_ns) + since_start * NS_PER_S // (self.rate * self.speed)


def build_plugin(directory: Path) -> Path:
    """Compile testline.c into `directory`; the shared object's absolute path."""
    plugin = directory.resolve() / "testline.so"
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-DPIC", "-shared"]
    subprocess.run(["cc", *flags, str(PLUGIN_SOURCE), "-o", str(plugin), "-lasound"], check=True)
    return plugin


def write_config(directory: Path, plugin: Path, devices: Iterable[Device]) -> Path:
    """An ALSA_CONFIG_PATH file with these devices and no others."""
    config = directory / "asound.conf"
    entries = "".join(device.definition() for device in devices)
    config.write_text(f'pcm_type.testline {{ lib "{plugin}" }}\n{entries}')
    return config
