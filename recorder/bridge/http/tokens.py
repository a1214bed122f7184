"""Tokens: what a client proves itself with, compared in constant time, and how often it may fail to."""

import binascii
import hmac
import time
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

BURST = 10  # failed log-ins of one address in a row
RECOVERY_S = 6.0  # until one more is free
MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Grant:
    """Who asks: the name of a token, "" for the main one or where none is needed."""

    name: str = ""
    read_only: bool = False


GRANT = web.RequestKey("grant", Grant)


class Tokens:
    """All tokens of the configuration: a grant and its secret each. No tokens: everybody may do everything."""

    def __init__(self, project_id: str, secrets: Mapping[Grant, str]) -> None:
        self._project_id = project_id.encode()
        self.replace(secrets)

    def replace(self, secrets: Mapping[Grant, str]) -> None:
        """From now on these, and no others."""
        self._secrets = {grant: secret.encode() for grant, secret in secrets.items() if secret}

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def judge(self, authorization: str) -> Grant | None:
        """Whom `Basic project_id:token` or `Bearer token` proves; None if nobody. The time it takes tells nothing."""
        scheme, _, rest = authorization.partition(" ")
        user, secret = self._project_id, rest.strip().encode("utf-8", "replace")
        if scheme.lower() == "basic":
            user, secret = _user_and_password(secret)
        elif scheme.lower() != "bearer":
            secret = b""
        is_ours = hmac.compare_digest(user, self._project_id)
        found = None
        for grant, known in self._secrets.items():
            if hmac.compare_digest(secret, known) and is_ours:
                found = grant
        return found


def _user_and_password(encoded: bytes) -> tuple[bytes, bytes]:
    try:
        user, _, password = b64decode(encoded, validate=True).partition(b":")
    except binascii.Error:
        return b"", b""
    return user, password


class FailedLogins:
    """Counts them per address: a bucket that fills by one each RECOVERY_S."""

    def __init__(self, burst: int = BURST, recovery_s: float = RECOVERY_S) -> None:
        self._burst = burst
        self._recovery_s = recovery_s
        self._until: OrderedDict[str, float] = OrderedDict()  # monotonic s at which all is forgotten
        self.total = 0

    def note(self, address: str) -> float:
        """Count one; the seconds until the next is judged again, 0 if that is now."""
        self.total += 1
        now = time.monotonic()
        until = max(now, self._until.pop(address, now))
        wait = until - (now + (self._burst - 1) * self._recovery_s)
        if wait <= 0:
            until += self._recovery_s
        self._until[address] = until
        if len(self._until) > MOST_ADDRESSES:
            self._until.popitem(last=False)
        return max(0.0, wait)
