"""A whole box for a test: `recorder capture` and `recorder serve` as processes, in a directory of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from tests.ports import free_port
from tests.waiting import PATIENCE_S, until


class Box:
    """Processes, their configuration, and all events that serve has printed, over its restarts.

    HTTP listens on a port of its own on 127.0.0.1, unless the settings say otherwise.
    """

    python = sys.executable  # of the installation that is run

    def __init__(self, folder: Path, lines: Mapping[str, Mapping[str, object]], **settings: object) -> None:
        self.folder = folder
        self.config = folder / "recorder.toml"
        self.door = folder / "run/control.sock"
        self.events: list[dict[str, Any]] = []
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._readers: dict[str, threading.Thread] = {}
        self.http = f"http://127.0.0.1:{free_port()}"
        settings = {
            "http_listen": self.http.removeprefix("http://"),
            "node_id": "box",
            "state_dir": str(folder / "state"),
            "recordings_dir": str(folder / "recordings"),
            "runtime_dir": str(folder / "run"),
            "control_socket": str(self.door),
            "headroom_bytes": 1 << 20,
        } | settings
        tables = {name: value for name, value in settings.items() if isinstance(value, Mapping)}
        plain = {name: value for name, value in settings.items() if name not in tables}
        text = toml(plain)
        for name, table in {**tables, **{f"lines.{name}": line for name, line in lines.items()}}.items():
            text += [f"[{name}]", *toml(table)]
        self.config.write_text("\n".join(text) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._processes):
            self.kill(name)

    def start(self, name: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start `capture` or `serve`."""
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                [self.python, "-m", "recorder", name, "--config", str(self.config)],
                stdout=subprocess.PIPE if name == "serve" else log,
                stderr=log,
                text=True,
                env={**os.environ, **(environ or {})},
            )
        self._processes[name] = process
        if name == "serve":
            self._readers[name] = threading.Thread(target=self._collect, args=(process,), daemon=True)
            self._readers[name].start()
        return process

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """End a process by a signal; returns its exit status."""
        process = self._processes.pop(name)
        process.send_signal(number)
        status = process.wait(PATIENCE_S)
        if name in self._readers:
            self._readers.pop(name).join(PATIENCE_S)
        return status

    @property
    def running(self) -> set[str]:
        return set(self._processes)

    def process(self, name: str) -> subprocess.Popen[str]:
        return self._processes[name]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """One command over the control socket; OSError while serve is away."""
        return dict(json.loads(self.answer_bytes(command)))

    def answer_bytes(self, command: Mapping[str, Any]) -> bytes:
        """As ask, the answer as it came."""
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(PATIENCE_S)
            door.connect(str(self.door))
            door.sendall(json.dumps(command).encode() + b"\n")
            return door.makefile("rb").readline().removesuffix(b"\n")

    def until_ok(self, command: Mapping[str, Any], timeout: float = PATIENCE_S) -> dict[str, Any]:
        """Ask until the command is carried out, as a caller would while the box starts; returns its data."""

        def tried() -> dict[str, Any] | None:
            try:
                answer = self.ask(command)
            except OSError:
                return None
            return answer if answer["status"] == "ok" else None

        data: dict[str, Any] = until(tried, timeout, f"success of {command}")["data"]
        return data

    def until_ready(self) -> None:
        """Wait until serve says that it can do its job."""

        def asked() -> bool:
            try:
                with urllib.request.urlopen(f"{self.http}/readyz", timeout=5) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        until(asked, PATIENCE_S, "/readyz")

    def of(self, recording_id: str) -> list[dict[str, Any]]:
        """The recording's events so far, in the order told."""
        return [event for event in list(self.events) if event["params"]["recording_id"] == recording_id]

    def end_of(self, recording_id: str, timeout: float = PATIENCE_S) -> dict[str, Any]:
        """The params of the recording's last event, once it is told."""

        def ended() -> dict[str, Any] | None:
            return next((event["params"] for event in self.of(recording_id) if "record" in event["params"]), None)

        return until(ended, timeout, f"the end of {recording_id}")

    def until_told(
        self, recording_id: str, told: Callable[[dict[str, Any]], bool], timeout: float = PATIENCE_S
    ) -> dict[str, Any]:
        """The first event of the recording whose params satisfy `told`."""
        return until(lambda: next((e for e in self.of(recording_id) if told(e["params"])), None), timeout, "an event")

    def file_of(self, recording_id: str, suffix: str = "wav") -> Path:
        """Where the recording's file stands."""
        return next((self.folder / "recordings").rglob(f"{recording_id}.{suffix}"))

    def _collect(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for text in process.stdout:
                if text.endswith("\n"):  # a kill may cut one short
                    self.events.append(json.loads(text))


def toml(table: Mapping[str, object]) -> list[str]:
    """The lines of a table whose values JSON spells as TOML does."""
    return [f"{key} = {json.dumps(value)}" for key, value in table.items()]
