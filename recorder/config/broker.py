"""What the keys of `[mqtt]` may be."""

from urllib.parse import urlsplit

from recorder.contract.values import Unfit, sequence

PORTS = {"mqtt": 1883, "mqtts": 8883}
MOST_LEVELS = 200  # characters of a prefix: with node, line and leaf behind it, far below MQTT's 65535 bytes
MOST_PREFIXES = 32
_MOST_CREDENTIAL = 1024


def broker_url(value: object) -> str:
    """`mqtt://HOST`, `mqtts://HOST`, each with `:PORT` or without; "" for none. Raises Unfit."""
    allowed = '"mqtt://HOST:PORT" or, with TLS, "mqtts://HOST:PORT"; user and password have keys of their own'
    if value == "":
        return ""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        raise Unfit(allowed)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Unfit(allowed) from error
    is_plain = not (parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment)
    if parts.scheme not in PORTS or not host or port == 0 or not is_plain or "@" in parts.netloc:
        raise Unfit(allowed)
    return value.rstrip("/")


def version(value: object) -> str:
    """`5` or `3.1.1`. Raises Unfit."""
    if value in ("5", "3.1.1") or (value == 5 and isinstance(value, int)):
        return str(value)
    raise Unfit('"5" or "3.1.1"')


def credential(value: object) -> str:
    """A user's name or password, "" for none. Raises Unfit."""
    if isinstance(value, str) and len(value) <= _MOST_CREDENTIAL and "\0" not in value:
        return value
    raise Unfit(f"a string of at most {_MOST_CREDENTIAL} characters")


def topic_prefix(value: object) -> str:
    """One or more levels of a topic, without a `/` at either end. Raises Unfit."""
    if _is_topic(value) and isinstance(value, str) and not value.startswith("/") and not value.endswith("/"):
        return value
    raise Unfit(f"1 to {MOST_LEVELS} printable characters without + and #, no $ or / at the start, no / at the end")


def response_prefixes(value: object) -> tuple[str, ...]:
    """Levels of a topic, each with a `/` at the end. Raises Unfit."""
    given = sequence(value)
    if len(given) <= MOST_PREFIXES and all(_is_topic(each) and str(each).endswith("/") for each in given):
        return tuple(map(str, given))
    raise Unfit(f'at most {MOST_PREFIXES} beginnings of topics, without + and #, each with a / at the end, as "reply/"')


def _is_topic(value: object) -> bool:
    """MQTT 5, section 4.7: no wildcard, and nothing of the broker's own."""
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_LEVELS or not value.isprintable():
        return False
    return not set(value) & set("+#") and not value.startswith("$")
