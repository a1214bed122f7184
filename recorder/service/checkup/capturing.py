"""What the capture process says of itself, at its control socket."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from recorder.config.model import Config
from recorder.service.checkup.finding import Finding
from recorder.service.directories import capture_directory

ANSWERS_WITHIN_S = 3.0


def capture(config: Config) -> Iterator[Finding]:
    """Whether it runs, and what ails each line's device."""
    try:
        lines = status_of(config)["lines"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        advice = "systemctl start recorder-capture, or run this as a user who may use its socket (group recorder)"
        yield Finding("capture", "fault", f"does not answer: {error}", advice)
        return
    yield Finding("capture", "ok", f"runs, {len(lines)} line(s)")
    for name in config.lines:
        told = lines.get(name)
        if told is None:
            yield Finding(f"device {name}", "fault", "capture does not know the line", "reload or restart capture")
        elif told.get("error"):
            advice = "recorder devices lists what can be recorded from; is the cable in, is another program using it?"
            yield Finding(f"device {name}", "fault", str(told["error"]), advice)
        else:
            yield Finding(f"device {name}", "ok", config.lines[name].device)


def status_of(config: Config) -> dict[str, Any]:
    """Capture's status. OSError, ValueError, LookupError: it gives none."""
    with closing(socket.socket(socket.AF_UNIX)) as talk:
        talk.settimeout(ANSWERS_WITHIN_S)
        talk.connect(str(capture_directory(config) / "control.sock"))
        talk.sendall(b'{"status": {}}\n')
        found: dict[str, Any] = json.loads(talk.makefile("rb").readline())["status"]
        return found
