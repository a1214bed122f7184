"""The box's directories, its disk, its certificates, its rings: as they stand on the disk."""

import os
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from recorder._dsp import RingFault, RingReader
from recorder.capture.rings import RingsTooLarge, check_space
from recorder.config.model import Config
from recorder.service.checkup.finding import Finding, State
from recorder.service.directories import capture_directory
from recorder.service.diskroom import free_at
from recorder.service.lines import capture_plan

FRESH_S = 2.0
DRIFT_PPM = 200.0  # from which on a card is worse than any that is sound
EXPIRES_SOON_S = 30 * 86400.0


def directories(config: Config) -> Iterator[Finding]:
    """Whether they are there, are ours to write, and nobody else's to read."""
    for name in ("state_dir", "recordings_dir", "runtime_dir"):
        path: Path = getattr(config, name)
        if not path.exists():
            yield _missing(name, path)
        elif not os.access(path, os.W_OK | os.X_OK):
            advice = f"chown it to the service's user, or run this as that user: sudo -u {_owner(path)} recorder doctor"
            yield Finding(name, "fault", f"{path} can't be written to by this user", advice)
        elif path.stat().st_mode & stat.S_IRWXO:
            yield Finding(name, "warning", f"{path} is open to every user of the box", f"chmod o= {path}")
        else:
            yield Finding(name, "ok", f"{path}, of {_owner(path)}")


def _missing(name: str, path: Path) -> Finding:
    above = next(place for place in path.parents if place.exists())
    if os.access(above, os.W_OK | os.X_OK):
        return Finding(name, "ok", f"{path} is made at the first start")
    advice = f"install -d -m 0750 -o recorder -g recorder {path}, or start the units, which make it"
    return Finding(name, "fault", f"{path} is not there, and {above} can't be written to by this user", advice)


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)


def disk(config: Config) -> Iterator[Finding]:
    """Whether a recording may begin."""
    for name in ("recordings_dir", "state_dir"):
        path: Path = getattr(config, name)
        place = next(each for each in (path, *path.parents) if each.exists())
        free, least = free_at(place), config.headroom_bytes if name == "recordings_dir" else config.floor_bytes
        detail = f"{free / 1e9:.1f} GB free for {name}"
        if free < least:
            yield Finding("disk", "fault", f"{detail}: less than {least / 1e9:.2g} GB", "free some, or set [retention]")
        else:
            yield Finding("disk", "ok", detail)


def rings(config: Config) -> Iterator[Finding]:
    """Whether the rings have room, and get audio; the cards' clocks."""
    plan = capture_plan(config)
    try:
        check_space(plan.lines, plan.site)
    except RingsTooLarge as fault:
        yield Finding("rings", "fault", str(fault), "shorten ring_seconds, or enlarge that file system")
    for line in config.lines:
        yield from _ring(line, capture_directory(config) / f"{line}.ring")


def _ring(line: str, path: Path) -> Iterator[Finding]:
    check = f"ring {line}"
    try:
        ring = RingReader(path)
    except RingFault as fault:
        advice = "start recorder-capture, and run this as a user who may read its directory"
        yield Finding(check, "fault", str(fault), advice)
        return
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ring.heartbeat_ns / 1e9
    gaps = [frames for _, _, frames, _ in ring.gaps()]
    missing = f"its newest {len(gaps)} gap(s) are {sum(gaps) / ring.rate:.1f} s" if gaps else "no gaps"
    if ring.ended:
        yield Finding(check, "ok", "its file has played to its end")
    elif age_s > FRESH_S:
        advice = "look at the cable and the card; `recorder status` and capture's log say what capture sees"
        told = f"no audio for {age_s:.0f} s" if ring.heartbeat_ns else "no audio yet"
        yield Finding(check, "fault", told, advice)
    else:
        yield Finding(check, "ok", f"{ring.capacity / ring.rate:.0f} s at {ring.rate} Hz, {missing}")
    yield from _drift(line, ring.drift_ppm)
    ring.close()


def _drift(line: str, ppm: float | None) -> Iterator[Finding]:
    if ppm is None:
        return
    detail = f"{ppm:+.1f} ppm against the system's clock"
    if abs(ppm) > DRIFT_PPM:
        advice = "durations follow the card: have it and the gateway share a clock, or try another card"
        yield Finding(f"drift {line}", "warning", detail, advice)
    else:
        yield Finding(f"drift {line}", "ok", detail)


def certificates(config: Config) -> Iterator[Finding]:
    """When those that we show end."""
    from cryptography import x509  # noqa: PLC0415 # because without certificates nobody should pay for it

    own = config.state_dir / "tls"
    shown = {"https_cert": config.https_cert, "mqtt.cert": config.mqtt.cert}
    if config.https_cert is None and config.https_listen != "off":
        shown["https_cert"] = own / "server.crt"
    for name, path in shown.items():
        if path is None:
            continue
        try:
            end = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        except (OSError, ValueError) as error:
            yield Finding(name, "fault", f"{path}: {error}", "name a PEM file that the service's user may read")
            continue
        left_s = (end - datetime.now(UTC)).total_seconds()
        state: State = "fault" if left_s < 0 else "warning" if left_s < EXPIRES_SOON_S else "ok"
        yield Finding(name, state, f"valid until {end:%Y-%m-%d}", "" if state == "ok" else f"renew {path}, then reload")
    if not any(shown.values()):
        yield Finding("certificates", "skipped", "none is configured")
