"""Record a talking line through both processes: capture fills a ring, serve records until the caller presses #."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from demo.voices import write_line
from demo.waveform import waveform

HERE = Path("build/demo").absolute()
CONFIG = """\
node_id = "demo"
state_dir = "{here}/state"
runtime_dir = "{here}/run"
control_socket = "{here}/run/control.sock"
headroom_bytes = 16777216
http_listen = "off"

[lines.front]
device = "file:{here}/line.wav"
"""
COMMAND = {"record_call": {"terminators": "#", "end_silence_timeout": 5.0, "max_length": 60.0}}


@contextmanager
def running(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """A recorder process, ended in order when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "recorder", *words, "--config", str(HERE / "recorder.toml")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def ask(command: dict[str, Any]) -> dict[str, Any]:
    """Give serve one command over its control socket; returns its answer."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(HERE / "run/control.sock"))
        door.sendall(json.dumps(command).encode() + b"\n")
        answer: dict[str, Any] = json.loads(door.makefile().readline())
        return answer


def start(deadline: float) -> dict[str, Any]:
    """Begin the recording as soon as serve is there and the line's audio flows."""
    while True:
        try:
            answer = ask({"line": "front", **COMMAND})
            if answer["status"] == "ok":
                return answer
        except OSError as error:
            answer = {"errors": [{"detail": str(error)}]}
        if time.monotonic() > deadline:
            raise SystemExit(f"demo: the recording could not begin: {answer['errors'][0]['detail']}")
        time.sleep(0.05)  # because it polls: whoever is not there yet can't tell us


def main() -> None:
    """Run the demo; exits non-zero if no recording came out."""
    HERE.mkdir(parents=True, exist_ok=True)
    for rings in ("run", "run-capture"):  # of the last demo: its line has played to its end
        shutil.rmtree(HERE / rings, ignore_errors=True)
    seconds = write_line(HERE / "line.wav")
    (HERE / "recorder.toml").write_text(CONFIG.format(here=HERE))
    print(f"A line that talks for {seconds:.1f} s and then presses #:  {COMMAND}\n")
    with running("serve") as serve, running("capture"):
        start(time.monotonic() + 15)
        assert serve.stdout is not None
        for text in serve.stdout:
            event = json.loads(text)
            print(text, end="", flush=True)
            if "record" in event["params"]:
                break
        else:
            raise SystemExit("demo: the service ended before the recording did")
    params = event["params"]
    path = next((HERE / "state/recordings").rglob(f"{params['recording_id']}.wav"))
    print(f"\n{waveform(path)}\n{params['duration']:.3f} s, ended by {params['end_reason']}: {path}")


if __name__ == "__main__":
    main()
