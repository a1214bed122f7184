"""Who this installation is, kept beside the database too, so that it is the same box when the database is lost.

With the key, links that were handed out before go on to work for recordings that are catalogued again.
"""

import json
import logging
import re
import secrets
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from recorder.contract.ids import UUID_PATTERN
from recorder.store import meta
from recorder.writers.placing import put_in_place

log = logging.getLogger(__name__)

NAME = "identity.json"
MODE = 0o600  # the key signs links
_UUID = re.compile(UUID_PATTERN)
_MADE: Mapping[str, tuple[Callable[[], str], re.Pattern[str]]] = {
    "link_key": (lambda: secrets.token_hex(32), re.compile(r"[0-9a-f]{64}")),
    "project_id": (lambda: str(uuid.uuid4()), _UUID),
    "instance": (lambda: str(uuid.uuid4()), _UUID),
}
NAMES = tuple(_MADE)


def ensure(connection: sqlite3.Connection, path: Path) -> Mapping[str, str]:
    """What the database says of it, else the file at `path`, else made now; both say the same afterwards. Blocks."""
    saved = read(path)
    known = {name: meta.ensure(connection, name, partial(_saved_or_made, saved, name)) for name in NAMES}
    if known != saved:
        try:
            write(path, known)
        except OSError as error:
            log.warning("%s can't be written: %s", path, error.strerror)
    return known


def _saved_or_made(saved: Mapping[str, str], name: str) -> str:
    make, _ = _MADE[name]
    return saved.get(name) or make()


def read(path: Path) -> dict[str, str]:
    """What the file has that can be right."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s can't be read: %s", path, error)
        return {}
    given = found if isinstance(found, dict) else {}
    return {
        name: given[name]
        for name, (_, shape) in _MADE.items()
        if isinstance(given.get(name), str) and shape.fullmatch(given[name])
    }


def write(path: Path, known: Mapping[str, str]) -> None:
    """Put it in its place. OSError."""
    text = json.dumps(dict(known), indent=2) + "\n"
    put_in_place(path, text.encode("ascii"), MODE)
