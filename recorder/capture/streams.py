"""PortAudio streams with a C callback, by way of sounddevice. Importing this initialises PortAudio.

sounddevice's public streams call Python from PortAudio's thread, which loses frames beside a busy interpreter and
can't run where executable memory is denied. Its base class takes a C function, as the rtmixer project uses it; being
private, it is why sounddevice is pinned.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sounddevice

log = logging.getLogger(__name__)

MOST_ASIDE_BYTES = 4096
# Threads of the callback run above all but the kernel's own, where the system permits it at all.
FIFO_PRIORITY = 60
TASKS = Path("/proc/self/task")


class Callback(Protocol):
    """What recorder._capture's Intake and Playback offer: addresses for PortAudio."""

    channels: int
    rate: int
    callback_address: int
    finished_address: int
    user_address: int


class OpenFailed(RuntimeError):
    """The device can't be opened; the message says why."""


class Stream(sounddevice._StreamBase):  # type: ignore[misc]  # noqa: SLF001 # because only this base takes a C callback
    """A stream whose callback is a C function."""

    def __init__(self, kind: str, device: int, target: Callback, latency_s: float, block_frames: int) -> None:
        cast = sounddevice._ffi.cast  # noqa: SLF001 # because the public interface takes Python callbacks alone
        self.target = target  # must live as long as PortAudio may call it
        super().__init__(
            kind=kind,
            device=device,
            samplerate=target.rate,
            channels=target.channels,
            dtype="int16",
            latency=latency_s,
            blocksize=block_frames,
            callback=cast("PaStreamCallback *", target.callback_address),
            finished_callback=cast("PaStreamFinishedCallback *", target.finished_address),
            userdata=cast("void *", target.user_address),
        )
        self._threads: set[Path] = set()

    def start(self) -> None:
        """Start, noting the thread that PortAudio makes for it."""
        before = set(TASKS.iterdir())
        super().start()
        self._threads = set(TASKS.iterdir()) - before

    def put_foremost(self) -> None:
        """Give its thread SCHED_FIFO, if we may. Only once it runs steadily.

        While a stream starts, the thread may poll without a pause for what another one is to do: PulseAudio's, for
        instance, which a thread of the foremost rank would keep from ever running.
        """
        for thread in self._threads:
            try:
                os.sched_setscheduler(int(thread.name), os.SCHED_FIFO, os.sched_param(FIFO_PRIORITY))
            except OSError:  # not permitted, or the thread has ended already
                return


def device_named(name: str) -> dict[str, Any]:
    """PortAudio's description of the device with exactly this name. Raise OpenFailed when it can't be opened at all."""
    for device in sounddevice.query_devices():
        if device["name"] == name:
            return dict(device)
    raise OpenFailed("no such device, or it is in use")


@contextmanager
def aside() -> Iterator[None]:
    """What PortAudio and ALSA print meanwhile goes to the log at debug level: a dead card is tried for ever."""
    printed, stderr = os.memfd_create("printed"), os.dup(2)
    os.dup2(printed, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        text = os.pread(printed, MOST_ASIDE_BYTES, 0).decode(errors="replace")
        os.close(printed)
        for line in text.splitlines():
            log.debug("PortAudio: %s", line)


def start(kind: str, alias: str, target: Callback, latency_s: float, block_frames: int) -> Stream:
    """Open and start a stream on the ALSA alias. Raise OpenFailed."""
    with aside():
        return _start(kind, alias, target, latency_s, block_frames)


def _start(kind: str, alias: str, target: Callback, latency_s: float, block_frames: int) -> Stream:
    device = device_named(alias)
    most = device[f"max_{kind}_channels"]
    if most < target.channels:
        raise OpenFailed(f"it has {most} {kind} channels, not {target.channels}" if most else f"it has no {kind}")
    try:
        stream = Stream(kind, device["index"], target, latency_s, block_frames)
    except (sounddevice.PortAudioError, ValueError) as fault:
        raise OpenFailed(str(fault)) from fault
    try:
        stream.start()
    except sounddevice.PortAudioError as fault:
        stream.close()
        raise OpenFailed(str(fault)) from fault
    return stream
