"""One line in the log for each recording, when it is over: all that there is to say of it, but its link."""

import json
import logging

log = logging.getLogger("recorder.recordings")

MESSAGE_ID = "6c2a7c9a5c0f4e0e9d0d6f0a7b1f7d35"  # systemd.journal-fields(7): finds these lines, whatever they say
_FIELDS = ("recording_id", "line", "call_id", "control_id", "state", "end_reason", "duration", "size", "gap_count")


def summarize(event_text: str) -> None:
    """Log it, if this event ends a recording."""
    params = json.loads(event_text)["params"]
    if "record" not in params:
        return
    more = {"format": params["record"]["format"], "gap_seconds": params["gap_seconds"]}
    log.log(
        logging.WARNING if params["state"] == "error" else logging.INFO,
        "recording %s of line %s: %s by %s, %.3f s, %d bytes of %s, %d gap(s)",
        params["recording_id"],
        params["line"],
        params["state"],
        params["end_reason"],
        params["duration"],
        params["size"],
        more["format"],
        params["gap_count"],
        extra={
            "fields": {**{name: params[name] for name in _FIELDS if name in params}, **more},
            "message_id": MESSAGE_ID,
        },
    )
