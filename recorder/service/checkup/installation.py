"""What stands on this box whether or not the service runs: software, clock, limits, units."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from recorder.capture.devices import ListingFailed, capture_devices
from recorder.config.model import Config
from recorder.service import clock
from recorder.service.checkup.finding import Finding

UNITS = ("recorder-capture.service", "recorder.service")
BOOTED = Path("/run/systemd/system")  # sd_booted(3)
ASK_WITHIN_S = 10.0


def sound(config: Config) -> Iterator[Finding]:
    """PortAudio and ALSA; and, where no capture process holds them, the lines' devices."""
    try:
        names = {device.name for device in capture_devices()}
    except (ListingFailed, OSError) as failed:
        advice = "install libportaudio2 and libasound2 (libasound2-plugins for PulseAudio)"
        yield Finding("sound", "fault", str(failed), advice)
        return
    lines = [line for line in config.lines.values() if not line.is_file]
    if lines and not names:
        detail = "PortAudio works, but no ALSA device can be recorded from now"
        yield Finding("sound", "warning", detail, "in use by capture, or no card: arecord -l, and group audio")
    else:
        yield Finding("sound", "ok", f"PortAudio works; {len(names)} device(s) can be recorded from now")


def mp4() -> Iterator[Finding]:
    """PyAV, which format mp4 needs."""
    try:
        yield Finding("mp4", "ok", f"PyAV {version('av')}")
    except PackageNotFoundError:
        yield Finding("mp4", "warning", "PyAV is not installed: format mp4 is refused", "install recorder[mp4]")


def time() -> Iterator[Finding]:
    """Whether the clock is set."""
    if clock.is_synced():
        yield Finding("clock", "ok", "set by a time server")
    else:
        detail = "the kernel says that it is not set: events tell clock_synced false"
        yield Finding("clock", "warning", detail, "timedatectl set-ntp true, or install chrony")


def limits() -> Iterator[Finding]:
    """What capture may: real-time priority and locked memory, as this shell has them."""
    priority, memory = resource.getrlimit(resource.RLIMIT_RTPRIO)[0], resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    may = priority != 0 and (memory == resource.RLIM_INFINITY or memory >= 64 << 20)
    lock = "unlimited" if memory == resource.RLIM_INFINITY else f"{memory >> 10} KiB"
    detail = f"here: real-time priority {'unlimited' if priority < 0 else priority}, locked memory {lock}"
    if may:
        yield Finding("limits", "ok", detail)
    elif BOOTED.exists() and _systemctl("is-active", UNITS[0]) == "active":
        yield Finding("limits", "ok", f"{detail}; capture has its unit's")
    else:
        advice = "run capture by its unit, or set rtprio and memlock in /etc/security/limits.d"
        yield Finding("limits", "warning", detail, advice)


def units() -> Iterator[Finding]:
    """Whether systemd runs both, and will after a boot."""
    if not BOOTED.exists() or shutil.which("systemctl") is None:
        yield Finding("units", "skipped", "systemd does not run here")
        return
    for unit in UNITS:
        active, enabled = _systemctl("is-active", unit), _systemctl("is-enabled", unit)
        if active == "active" and enabled == "enabled":
            yield Finding(unit, "ok", "active, enabled")
        else:
            advice = f"systemctl enable --now {unit}; journalctl -u {unit} says what ails it"
            yield Finding(unit, "warning", f"{active or 'unknown'}, {enabled or 'not installed'}", advice)


def _systemctl(verb: str, unit: str) -> str:
    asked = subprocess.run(["systemctl", verb, unit], capture_output=True, text=True, timeout=ASK_WITHIN_S, check=False)
    return asked.stdout.strip()
