"""A status_url taken apart: what stands on the request line and is signed, and what is sent as Basic."""

import base64
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes.

    `url` is the one of the request line: scheme and host in lower case, the default port left out, an empty path `/`,
    no user info, no fragment; all else as it was given. `authorization` is the header made of the user info.
    """

    url: str
    host: str  # without brackets
    port: int
    receiver: str  # scheme://host:port
    authorization: str | None

    @classmethod
    def of(cls, url: str) -> Self:
        """The target of a URL that recorder.contract.values.web_url has passed."""
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS[parts.scheme]
        bracketed = f"[{host}]" if ":" in host else host
        shown_port = "" if port == DEFAULT_PORTS[parts.scheme] else f":{port}"
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            url=f"{parts.scheme}://{bracketed}{shown_port}{parts.path or '/'}{query}",
            host=host,
            port=port,
            receiver=f"{parts.scheme}://{bracketed}:{port}",
            authorization=_basic(parts.username, parts.password),
        )


def shown(url: str) -> str:
    """The URL as lists and logs show it: without user info and query, where secrets stand."""
    target = Target.of(url)
    return target.url.partition("?")[0]


def _basic(user: str | None, password: str | None) -> str | None:
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
