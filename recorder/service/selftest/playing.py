"""Playing the programme, by the capture process."""

import json
import os
import socket
import wave
from contextlib import closing
from pathlib import Path

from recorder.service.selftest import programme

OVERTIME_S = 10.0


class NotPlayed(RuntimeError):
    """It did not sound; the message says why."""


def play(capture: Path, line: str, rate: int) -> None:
    """Play to the line's playback device, to the end. `capture`: its runtime directory. NotPlayed; OSError."""
    path = capture / f"selftest-{line}-{os.getpid()}.wav"  # where capture sees it, whatever its unit hides from it
    try:
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes(programme.pcm(rate))
        path.chmod(0o644)
        with closing(socket.socket(socket.AF_UNIX)) as talk:
            talk.settimeout(programme.LEAD_S + programme.END_S + OVERTIME_S)
            talk.connect(str(capture / "control.sock"))
            talk.sendall(json.dumps({"play": {"line": line, "file": str(path)}}).encode() + b"\n")
            for answer in map(json.loads, talk.makefile("rb")):
                if "error" in answer:
                    raise NotPlayed(str(answer["error"]))
                if "ended" in answer:
                    return
        raise NotPlayed("capture ended")
    finally:
        path.unlink(missing_ok=True)
