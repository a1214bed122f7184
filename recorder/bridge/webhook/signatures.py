"""How a receiver knows that an event is ours: SignalWire's signatures, and those of Standard Webhooks."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Self

from recorder.config.keys import STANDARD_PREFIX
from recorder.config.model import WebhookConfig


@dataclass(frozen=True, slots=True)
class Signer:
    """The two keys, each b"" where none is configured."""

    signing_key: bytes = field(repr=False)
    standard_key: bytes = field(repr=False)

    @classmethod
    def of(cls, config: WebhookConfig) -> Self:
        """The keys as configured: SignalWire's is its own UTF-8, the other one base64."""
        standard = base64.b64decode(config.standard_key.removeprefix(STANDARD_PREFIX))
        return cls(config.signing_key.encode(), standard)

    def headers(self, url: str, body: bytes, event_id: str, now: float) -> dict[str, str]:
        """The headers of one attempt at Unix time `now`; `url` as on the request line."""
        headers = {}
        if self.signing_key:
            signed = url.encode() + body
            headers["X-SignalWire-Signature"] = hmac.new(self.signing_key, signed, hashlib.sha1).hexdigest()
            headers["X-SignalWire-Sha256-Signature"] = hmac.new(self.signing_key, signed, hashlib.sha256).hexdigest()
        if self.standard_key:
            timestamp = str(int(now))
            signed = f"{event_id}.{timestamp}.".encode() + body
            digest = hmac.new(self.standard_key, signed, hashlib.sha256).digest()
            headers["webhook-id"] = event_id
            headers["webhook-timestamp"] = timestamp
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers
