"""What of a new configuration a running service takes, and what it leaves until it is started again."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from recorder.config.faults import ConfigFault, ConfigRefused
from recorder.config.keys import KEYS, TABLES
from recorder.config.load import DEFAULT_PATH, load
from recorder.config.model import Config

RELOADED = frozenset(
    {
        "max_length_cap",
        "device_grace",
        "pre_roll_max",
        "keep_no_input",
        "headroom_bytes",
        "floor_bytes",
        "https_cert",
        "https_key",
        "token",
        "log_level",
        "tokens",
        "lines",
        "webhook.signing_key",
        "webhook.standard_key",
        "webhook.allow",
        "retention.max_age",
        "retention.max_bytes",
        "retention.min_free_bytes",
        "retention.formats",
    }
)
# What is judged beside a key that stays: taken without it, it might not be what check-config would let pass.
_TOGETHER = {
    "ring_seconds": ("device_grace", "pre_roll_max"),
    "http_listen": ("token", "tokens"),
    "https_listen": ("token", "tokens", "https_cert", "https_key"),
}


def load_anew(path: Path | None, environ: Mapping[str, str]) -> Config:
    """`load`, for a running service. Raises ConfigRefused also where the file is empty, and no other tells of a line.

    So an editor leaves it for a moment, and all recordings would end.
    """
    config, file = load(path, environ), path or DEFAULT_PATH
    if not config.lines and file.exists() and file.stat().st_size == 0:
        raise ConfigRefused([ConfigFault(str(file), "", "it is empty")])
    return config


def taken(old: Config, new: Config) -> tuple[Config, tuple[str, ...]]:
    """What holds after a reload, and the keys whose new values wait for a restart.

    A new value that is judged beside one that waits, waits too.
    """
    waiting = [name for name in _changed(old, new) if name not in RELOADED]
    beside = {other for name in waiting for other in _TOGETHER.get(name, ())}
    waiting += [name for name in _changed(old, new) if name in beside]
    kept: dict[str, Any] = {name: getattr(old, name) for name in waiting if "." not in name}
    for table in TABLES:
        ours = {name.partition(".")[2] for name in waiting if name.startswith(f"{table}.")}
        theirs = getattr(old, table)
        kept[table] = replace(getattr(new, table), **{name: getattr(theirs, name) for name in ours})
    return replace(new, **kept), tuple(waiting)


def _changed(old: Config, new: Config) -> Iterator[str]:
    """The keys in which they differ, tables of names as one each."""
    for name in (*KEYS, "tokens", "lines"):
        if getattr(old, name) != getattr(new, name):
            yield name
    for table in TABLES:
        one, other = getattr(old, table), getattr(new, table)
        for field in fields(one):
            if getattr(one, field.name) != getattr(other, field.name):
                yield f"{table}.{field.name}"
