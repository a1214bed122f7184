"""The keys that are not a line's, and what they mean to each other."""

import os
import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

from recorder.config.keys import BOUNDS_KEYS, GRACE_MARGIN_S, KEYS, TABLES
from recorder.config.model import (
    BoundsConfig,
    Config,
    Mp3Config,
    Mp4Config,
    MqttConfig,
    RetentionConfig,
    WebhookConfig,
)
from recorder.config.sheet import Sheet
from recorder.contract.ids import node_id_of
from recorder.contract.limits import FORMATS, RING_MARGIN_S

MOST_SOCKET_PATH = 107  # bytes: sun_path of Linux, less its NUL


def take_whole(sheet: Sheet) -> Config:
    """The configuration without its lines, names and directories that hang on others filled in."""
    config = Config(
        **{"node_id": node_id_of(socket.gethostname()), **sheet.values(KEYS)},
        mqtt=MqttConfig(**_table(sheet, "mqtt")),
        webhook=WebhookConfig(**_table(sheet, "webhook")),
        mp3=Mp3Config(**_table(sheet, "mp3")),
        mp4=Mp4Config(**_table(sheet, "mp4")),
        retention=RetentionConfig(**_table(sheet, "retention"), formats=_formats(sheet)),
    )
    if "recordings_dir" not in sheet.origins:
        config = replace(config, recordings_dir=config.state_dir / "recordings")
    if "control_socket" not in sheet.origins:
        config = replace(config, control_socket=config.runtime_dir / "control.sock")
    _check_times(sheet, config)
    _check_sockets(sheet, config)
    _check_broker(sheet, config.mqtt)
    _check_room(sheet, config)
    _check_authorities(sheet, ("webhook", "ca"), config.webhook.ca)
    return config


def _table(sheet: Sheet, name: str) -> dict[str, Any]:
    sheet.table(name)
    return sheet.values(TABLES[name], name)


def _formats(sheet: Sheet) -> dict[str, BoundsConfig]:
    given = {name: sheet.values(BOUNDS_KEYS, "retention", name) for name in FORMATS}
    return {name: BoundsConfig(**bounds) for name, bounds in given.items() if bounds}


def _check_room(sheet: Sheet, config: Config) -> None:
    least, free = ("headroom_bytes",), ("retention", "min_free_bytes")
    too_late = config.retention.min_free_bytes in range(1, config.headroom_bytes)
    detail = f"must be 0, or headroom_bytes = {config.headroom_bytes} at least: no recording is begun below that"
    sheet.require(not too_late, free, detail, least)


def _check_authorities(sheet: Sheet, key: tuple[str, ...], file: Path | None) -> None:
    if file is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError as error:  # ssl.SSLError is one
        sheet.refuse(key, f"is no readable PEM file of certificates: {error.strerror or error}")


def _check_broker(sheet: Sheet, mqtt: MqttConfig) -> None:
    _check_authorities(sheet, ("mqtt", "ca"), mqtt.ca)
    for name, other in (("cert", "key"), ("key", "cert")):
        given = getattr(mqtt, name) is not None or getattr(mqtt, other) is None
        sheet.require(given, ("mqtt", name), f"is missing: {other} is given", ("mqtt", other))
    for name in ("ca", "cert"):
        used = getattr(mqtt, name) is None or not mqtt.url or mqtt.is_tls
        sheet.require(used, ("mqtt", name), "is for TLS: that is mqtts://", ("mqtt", "url"))
    sheet.require(mqtt.username != "" or mqtt.password == "", ("mqtt", "username"), "is missing: password is given")


def _check_times(sheet: Sheet, config: Config) -> None:
    grace, pre_roll = ("device_grace",), ("pre_roll_max",)
    ring, cap = ("ring_seconds",), ("max_length_cap",)
    most = config.ring_seconds - GRACE_MARGIN_S
    sheet.require(
        config.device_grace <= most, grace, f"must be at most ring_seconds - {GRACE_MARGIN_S:g} = {most:g}", ring
    )
    most = config.ring_seconds - RING_MARGIN_S
    sheet.require(
        config.pre_roll_max <= most, pre_roll, f"must be at most ring_seconds - {RING_MARGIN_S:g} = {most:g}", ring
    )
    sheet.require(
        config.pre_roll_max < config.max_length_cap,
        pre_roll,
        f"must be less than max_length_cap = {config.max_length_cap:g}",
        cap,
    )


def _check_sockets(sheet: Sheet, config: Config) -> None:
    ours = os.fsencode(config.control_socket)
    captures = os.fsencode(f"{config.runtime_dir}-capture/control.sock")
    too_long = f"makes a socket's path of {{}} bytes, where Linux takes {MOST_SOCKET_PATH}"
    sheet.require(len(captures) <= MOST_SOCKET_PATH, ("runtime_dir",), too_long.format(len(captures)))
    sheet.require(len(ours) <= MOST_SOCKET_PATH, ("control_socket",), too_long.format(len(ours)), ("runtime_dir",))
