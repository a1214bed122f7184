"""The ALSA configuration that capture's children open devices through.

PortAudio opens only names that it enumerates, and of hardware only subdevice 0, so each device that a child opens
gets an alias of its own. The stock file's hooks are left out: they load every plugin that is installed, half of
FFmpeg among them (34 MB of memory instead of 17).
"""

import re
from collections.abc import Mapping
from pathlib import Path

STOCK = Path("/usr/share/alsa/alsa.conf")
LOCAL = Path("/etc/asound.conf")
# PortAudio 19.6 aborts when every PCM it enumerates can be opened: one can't.
ABSENT = 'pcm.!recorder_absent "recorder_no_such_pcm"'


class NameFault(ValueError):
    """An ALSA name that can't stand in a configuration file."""


def without_hooks(text: str) -> str:
    """The configuration `text` without its top-level @hooks array."""
    match = re.search(r"^@hooks\s*\[", text, re.MULTILINE)
    if match is None:
        return text
    depth, position = 1, match.end()
    while depth and position < len(text):
        depth += {"[": 1, "]": -1}.get(text[position], 0)
        position += 1
    return text[: match.start()] + text[position:]


def base(environ: Mapping[str, str]) -> str:
    """What the aliases refer to: the files of a given ALSA_CONFIG_PATH, else the stock file and /etc/asound.conf."""
    given = environ.get("ALSA_CONFIG_PATH", "")
    if given:
        return "".join(f"<{path}>\n" for path in re.split("[: ]+", given) if path)
    stock = without_hooks(STOCK.read_text(errors="replace")) if STOCK.exists() else ""
    return stock + (f"\n<{LOCAL}>\n" if LOCAL.exists() else "")


def alias(name: str, pcm: str) -> str:
    """One line naming the ALSA PCM `pcm` `name`. Raise NameFault for a PCM that can't be spelled there."""
    if not pcm or not pcm.isprintable() or set(pcm) & set("\"'\\"):
        raise NameFault(f"{pcm!r} is not the name of an ALSA device")
    return f'pcm.!{name} "{pcm}"'


def write(path: Path, aliases: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Write the file for a child that opens `aliases` (alias to ALSA name)."""
    lines = [base(environ), ABSENT, *(alias(name, pcm) for name, pcm in aliases.items())]
    path.write_text("\n".join(lines) + "\n")
