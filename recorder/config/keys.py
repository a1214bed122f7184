"""Every key of the configuration: what it may be, and what it means."""

from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recorder.config import broker
from recorder.config.listening import listen_address
from recorder.config.model import Listen
from recorder.contract.ids import node_id, owner_id
from recorder.contract.limits import RATES, RING_MARGIN_S
from recorder.contract.places import place
from recorder.contract.quoting import listed
from recorder.contract.values import Check, Unfit, boolean, number, one_of, sequence, text, web_url, whole

MP3_BIT_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128)  # kbit/s; 0: by rate and channels
MOST_CHANNELS = 64
MOST_LINES = 64
GRACE_MARGIN_S = 5.0  # of the ring's length: what a recording waits for must still be in the ring when it comes
STANDARD_PREFIX = "whsec_"
STANDARD_KEY_BYTES = (16, 64)  # Standard Webhooks asks for 24 at least; some make keys of 16
_MOST_PATH = 1024
_MOST_TOKEN = 256
_MOST_DEVICE = 256
_MONTH_S = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its check, its meaning in a line, and whether a number's or boolean's spelling is mere text in it.

    The value of a `secret` one is shown nowhere. One of `many` is a list, which a variable gives with commas.
    """

    check: Check[Any]
    meaning: str
    text: bool = False
    secret: bool = False
    many: bool = False


def _path(value: object) -> Path:
    if isinstance(value, str) and len(value) <= _MOST_PATH and value.isprintable():
        path = Path(value)
        if path.is_absolute() and ".." not in path.parts and len(path.parts) > 1:
            return path
    raise Unfit(f'an absolute path below /, without "..", at most {_MOST_PATH} characters')


def _path_or_none(value: object) -> Path | None:
    return None if value == "" else _path(value)


def token(value: object) -> str:
    """What a client proves itself with, "" for nothing. Raises Unfit."""
    if isinstance(value, str) and len(value) <= _MOST_TOKEN and all("!" <= character <= "~" for character in value):
        return value
    raise Unfit(f"at most {_MOST_TOKEN} printable ASCII characters without spaces")


def public_url(value: object) -> str:
    """An http or https URL that a path can follow, "" for the default. Raises Unfit."""
    if value == "":
        return ""
    url = web_url(value)
    if "?" in url or "#" in url or "@" in url:
        raise Unfit("an http or https URL without a user, a query or a fragment")
    return url.rstrip("/")


def _is_alsa(value: str) -> bool:
    # The name goes into a file of ALSA's own language, between quotes.
    return value.startswith("alsa:") and value.isascii() and not set(value) & set("\"'\\")


def device(value: object) -> str:
    """`alsa:NAME` or `file:/PATH`. Raises Unfit."""
    name = value if isinstance(value, str) and value.isprintable() else ""
    is_file = name.startswith("file:/") and not name.endswith("/")
    if len("alsa:") < len(name) <= _MOST_DEVICE and (is_file or _is_alsa(name)):
        return name
    raise Unfit('"alsa:NAME" or "file:/PATH" (absolute)')


def playback(value: object) -> str:
    """`alsa:NAME`. Raises Unfit."""
    try:
        name = device(value)
    except Unfit as unfit:
        raise Unfit('"alsa:NAME"') from unfit
    if not _is_alsa(name):
        raise Unfit('"alsa:NAME"')
    return name


def standard_key(value: object) -> str:
    """A key of Standard Webhooks: `whsec_` and the base64 of its bytes; "" for none. Raises Unfit."""
    least, most = STANDARD_KEY_BYTES
    if value == "":
        return ""
    if isinstance(value, str) and value.startswith(STANDARD_PREFIX):
        with suppress(ValueError):
            if least <= len(b64decode(value.removeprefix(STANDARD_PREFIX), validate=True)) <= most:
                return value
    raise Unfit(f'"{STANDARD_PREFIX}" and the base64 of {least} to {most} bytes')


def _places(value: object) -> tuple[str, ...]:
    return tuple(map(place, sequence(value)))


def rate(value: object) -> int:
    """A sampling rate in Hz. Raises Unfit."""
    if isinstance(value, int) and value in RATES:
        return value
    raise Unfit(listed(map(str, RATES)))


def mp3_bit_rate(value: object) -> int:
    """A bit rate of MP3 in kbit/s, or 0. Raises Unfit."""
    if isinstance(value, int) and not isinstance(value, bool) and value in MP3_BIT_RATES:
        return value
    raise Unfit(listed(map(str, MP3_BIT_RATES)))


def listen(value: object) -> Listen:
    """A channel, `auto` or `none`. Raises Unfit."""
    if value == "auto" or value == "none":  # noqa: PLR1714  # because mypy narrows a comparison, not a membership
        return value
    try:
        return _channel(value)
    except Unfit as unfit:
        raise Unfit(f'{unfit}, "auto" or "none"') from unfit


_channel = whole(0, MOST_CHANNELS - 1)

KEYS: Mapping[str, Key] = {
    "node_id": Key(node_id, "name of the box; default: the host name in lower case, anything else `-`", text=True),
    "project_id": Key(owner_id, "of calls that bring none; empty: a UUID made at the first start", text=True),
    "space_id": Key(owner_id, "of calls that bring none", text=True),
    "state_dir": Key(_path, "database; recordings too, unless recordings_dir says otherwise", text=True),
    "recordings_dir": Key(_path, "the files; default: `recordings` in state_dir", text=True),
    "runtime_dir": Key(_path, "on a tmpfs; capture's rings stand in the same with `-capture` at the end", text=True),
    "control_socket": Key(_path, "commands as JSON lines; default: `control.sock` in runtime_dir", text=True),
    "max_length_cap": Key(number(1, _MONTH_S, "seconds"), "s; no recording is longer, pauses included"),
    "device_grace": Key(number(1, 600, "seconds"), "s without audio after which recordings of a line end"),
    "pre_roll_max": Key(number(0, 600 - RING_MARGIN_S, "seconds"), "s; longest pre_roll, 0 = refused"),
    "keep_no_input": Key(boolean, "keep the files of recordings that end as no_input"),
    "headroom_bytes": Key(whole(0, 1 << 60, "bytes"), "free space below which no recording is begun"),
    "floor_bytes": Key(whole(0, 1 << 60, "bytes"), "free space below which recordings end, and none is begun"),
    "ring_seconds": Key(number(10, 600, "seconds"), "s of audio kept in memory for each line"),
    "http_listen": Key(listen_address, 'ADDRESS:PORT of plain HTTP, or "off"', text=True),
    "https_listen": Key(listen_address, 'ADDRESS:PORT of HTTPS, or "off"', text=True),
    "plain_http": Key(boolean, "take tokens over plain HTTP too; else over HTTPS only"),
    "https_cert": Key(
        _path_or_none, "own certificate with its chain, PEM; default: one made at the first start", text=True
    ),
    "https_key": Key(_path_or_none, "its private key, PEM; default: one made at the first start", text=True),
    "public_url": Key(
        public_url,
        "where links to recordings lead; default: `https://HOST:PORT` if HTTPS listens, else `http://ADDRESS:PORT`",
        text=True,
    ),
    "token": Key(
        token, "what clients prove themselves with; default: none, for loopback addresses only", text=True, secret=True
    ),
    "log_level": Key(one_of("debug", "info", "warning", "error"), "debug, info, warning or error", text=True),
}
LINE_KEYS: Mapping[str, Key] = {
    "device": Key(device, "`alsa:NAME`, or `file:PATH`: a WAV file played as a line", text=True),
    "rate": Key(rate, f"Hz: {listed(map(str, RATES))}; default: 8000, or the file's own"),
    "channels": Key(whole(1, MOST_CHANNELS), "of the whole device; default: 1, or the file's own"),
    "speak": Key(_channel, "channel of what the party says, from 0"),
    "listen": Key(listen, "channel of what it hears, or `none`; `auto`: 1 where there are two channels"),
    "playback": Key(playback, "`alsa:NAME` where beeps go; without one they are refused; default: none", text=True),
    "latency": Key(number(0.02, 5, "seconds"), "s that the device buffers; a shorter freeze loses nothing"),
    "block": Key(whole(0, 8192, "frames"), "frames to a callback; 0: PortAudio chooses"),
    "loop": Key(boolean, "a file begins again at its end"),
    "auto_record": Key(
        one_of("off", "call", "voice"), "`call`: every call is recorded, `voice`: all that is said", text=True
    ),
}
TOKEN_KEYS: Mapping[str, Key] = {
    "token": Key(token, "as the token above", text=True, secret=True),
    "read_only": Key(boolean, "it may look and listen, and command nothing"),
}
WEBHOOK_KEYS: Mapping[str, Key] = {
    "signing_key": Key(text(0, 1024), "signs as SignalWire does; default: unsigned", text=True, secret=True),
    "standard_key": Key(standard_key, "signs by Standard Webhooks, `whsec_...`; default: unsigned", secret=True),
    "allow": Key(
        _places, "places that webhooks may reach: see [webhooks](webhooks.md); default: all but refused", many=True
    ),
    "ca": Key(_path_or_none, "PEM file of authorities trusted beside the system's; default: none", text=True),
}
MQTT_KEYS: Mapping[str, Key] = {
    "url": Key(
        broker.broker_url,
        "`mqtt://HOST:PORT`, or `mqtts://HOST:PORT` with TLS; ports 1883 and 8883 may be left out; default: no MQTT",
        text=True,
    ),
    "username": Key(broker.credential, "at the broker; default: none", text=True),
    "password": Key(broker.credential, "at the broker; default: none", text=True, secret=True),
    "version": Key(broker.version, "of MQTT: 5 or 3.1.1", text=True),
    "prefix": Key(broker.topic_prefix, "before the node_id in every topic", text=True),
    "response_prefixes": Key(
        broker.response_prefixes,
        "beginnings of topics that an MQTT 5 Response Topic may have; default: `recorder-reply/`",
        many=True,
    ),
    "ca": Key(_path_or_none, "PEM file of authorities trusted instead of the system's; default: none", text=True),
    "cert": Key(_path_or_none, "own certificate with its chain, PEM; default: none", text=True),
    "key": Key(_path_or_none, "its private key, PEM; default: none", text=True),
    "discovery": Key(boolean, "announce the lines to Home Assistant"),
}
MP3_KEYS: Mapping[str, Key] = {
    "bit_rate": Key(mp3_bit_rate, f"kbit/s: {listed(map(str, MP3_BIT_RATES))}; 0: by rate and channels"),
    "quality": Key(whole(0, 9, "steps"), "of LAME: 0 best, 9 fastest"),
}
MP4_KEYS: Mapping[str, Key] = {
    "bit_rate": Key(whole(0, 320, "kbit/s"), "kbit/s; 0: by rate and channels"),
}
_AGE = number(0, 100 * 366 * 86400.0, "seconds")
_BYTES = whole(0, 1 << 60, "bytes")
RETENTION_KEYS: Mapping[str, Key] = {
    "max_age": Key(_AGE, "s since a recording's end after which it is erased; 0: never"),
    "max_bytes": Key(_BYTES, "of audio in all; above it the oldest is erased; 0: no bound"),
    "min_free_bytes": Key(_BYTES, "on the disk; below it the oldest is erased; 0: no bound"),
}
BOUNDS_KEYS: Mapping[str, Key] = {
    "max_age": Key(_AGE, "s, instead of what holds for the others; 0: never; default: as the others"),
    "max_bytes": Key(_BYTES, "of their audio; above it the oldest of them is erased; 0: no bound"),
}
TABLES: Mapping[str, Mapping[str, Key]] = {
    "mqtt": MQTT_KEYS,
    "webhook": WEBHOOK_KEYS,
    "mp3": MP3_KEYS,
    "mp4": MP4_KEYS,
    "retention": RETENTION_KEYS,
}
# Known, but not working: refused by name, so that nobody relies on them.
LATER: frozenset[str] = frozenset()
LINE_LATER = frozenset({"context"})
