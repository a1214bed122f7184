"""The rings' place: whether they fit there, and taking one over from an earlier writer."""

import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path

from recorder._capture import RingWriter
from recorder.capture.spec import LineSpec, Site
from recorder.capture.wavfile import WavFault, WavSource

log = logging.getLogger(__name__)

OVERHEAD_BYTES = 64 * 1024  # a ring's header and the rounding to pages, generously
TAKE_OVER_S = 1.0  # an earlier writer that was killed is gone by then
POLL_S = 0.005


class RingsTooLarge(ValueError):
    """The file system can't hold the rings; the message gives the numbers."""


def ring_bytes(spec: LineSpec, site: Site) -> int:
    """Most that the line's ring takes."""
    rate = spec.rate
    if spec.is_file and not rate:
        try:
            with WavSource(spec.target) as wav:
                rate = wav.rate
        except (WavFault, OSError):
            return OVERHEAD_BYTES  # the line can't begin; it says so itself
    return site.ring_frames(rate) * len(spec.channel_map) * 2 + OVERHEAD_BYTES


def check_space(lines: Iterable[LineSpec], site: Site) -> None:
    """Raise RingsTooLarge unless the rings fit into their file system, beside what stands there already.

    The directory may be still to be made.
    """
    needed = free = 0
    for line in lines:
        needed += ring_bytes(line, site)
        path = site.ring_path(line.id)
        if path.exists():  # taken over, or given free when it is replaced
            free += path.stat().st_blocks * 512
    room = os.statvfs(next(place for place in (site.directory, *site.directory.parents) if place.exists()))
    free += room.f_bavail * room.f_frsize
    if needed > free:
        raise RingsTooLarge(
            f"rings of {site.ring_seconds:g} s need {needed / 2**20:.1f} MiB in {site.directory}, "
            f"but only {free / 2**20:.1f} MiB are free there: shorten ring_seconds or enlarge that file system"
        )


def remove_strays(lines: Iterable[LineSpec], site: Site) -> None:
    """Remove the rings of what is no line any more, and what a killed writer of theirs left half made."""
    ours = {site.ring_path(line.id).name for line in lines}
    for path in site.directory.glob("*.ring*"):
        if path.name.removesuffix(".new") not in ours:
            log.info("%s: removed, there is no such line", path)
            path.unlink(missing_ok=True)


def open_ring(path: Path, line: str, rate: int, channels: int, frames: int) -> RingWriter:
    """Take the ring over, or make it, and lock it into memory if permitted. Waits up to 1 s for an earlier writer."""
    deadline = time.monotonic() + TAKE_OVER_S
    while True:
        try:
            ring = RingWriter(path, line, rate, channels, frames)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)  # because a file lock without waiting for ever is polled
    try:
        ring.lock_memory()
    except OSError as fault:
        log.debug("line %s: %s", line, fault)
    return ring
