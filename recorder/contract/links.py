"""Signed links to recordings: made once, at the start, the same in every event."""

import hashlib
import hmac
import re
from dataclasses import dataclass

LEAST_LIFE_S = 7 * 86400
AFTER_THE_CAP_S = 72 * 3600  # as long as a delivery may be tried again


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and judges links below `base_url`; `key` is the node's secret, `cap_s` the longest recording."""

    base_url: str
    key: bytes
    cap_s: float

    def make(self, recording_id: str, ext: str, now: float) -> str:
        """The link of a recording begun at `now`, Unix seconds."""
        return self.again(recording_id, ext, int(now + max(LEAST_LIFE_S, self.cap_s + AFTER_THE_CAP_S)))

    def again(self, recording_id: str, ext: str, exp: int) -> str:
        """The link that expires at `exp`, as it was made before."""
        path = f"/recordings/{recording_id}.{ext}"
        return f"{self.base_url.rstrip('/')}{path}?exp={exp}&sig={self.sign(recording_id, ext, exp)}"

    def sign(self, recording_id: str, ext: str, exp: int) -> str:
        """HMAC-SHA256 over id, ext and exp, in hex."""
        return hmac.new(self.key, f"{recording_id}\n{ext}\n{exp}".encode(), hashlib.sha256).hexdigest()

    def is_valid(self, recording_id: str, ext: str, exp: int, sig: str, now: float) -> bool:
        """Whether the signature is ours and the link has not expired; compared in constant time."""
        return hmac.compare_digest(self.sign(recording_id, ext, exp), sig) and now <= exp


def expiry(url: str | None) -> int | None:
    """When a link of ours expires, Unix seconds; None for none."""
    found = re.search(r"[?&]exp=([0-9]{1,12})(&|$)", url or "")
    return None if found is None else int(found[1])
