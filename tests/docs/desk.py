"""A whole box with a broker and a receiver, and a shell in which the pages' commands find it where they expect it."""

import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.box import Box
from tests.docs.blocks import ROOT, Block
from tests.docs.stand_ins import MAKEFILE, write_stand_ins
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.receiver import Receiver
from tests.noise import noise
from tests.ports import free_port
from tests.wav import write_wav

RATE = 8000
SIGNING_KEY, STANDARD_KEY = "kept-secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
PATIENCE_S = 180
# What the pages call for without an end is ended after this long.
ENDLESS = "2"
_RECORDER = """\
import pathlib, sys
from recorder.cli import init
from recorder.config import load
load.DEFAULT_PATH = pathlib.Path({config!r})
init.DEFAULT_PATH = load.DEFAULT_PATH.with_name("first.toml")  # beside: the box's own stays
from recorder.cli.main import main
sys.exit(main())
"""
_ENDLESS = """\
#!/bin/bash
case "${{1-}}" in
  watch|capture|serve) timeout --signal=INT {seconds} {command} "$@"; status=$?
    case $status in 0|124|130) exit 0;; *) exit $status;; esac;;
  *) exec {command} "$@";;
esac
"""
_PYTHON = """\
#!/bin/bash
case "${{1-}} ${{2-}}" in
  "-m pytest") for each in "${{@:3}}"; do case "$each" in -*) ;; *) test -e "$ROOT/$each";; esac || exit; done;;
  "-m bench."*) exec {python} -c "import importlib.util, sys; sys.exit(not importlib.util.find_spec('$2'))";;
  "-m venv") exit 0;;
  "setup.py "*) test -e "$ROOT/setup.py";;
  *) exec {python} "$@";;
esac
"""


class Desk:
    """Runs while entered. The pages' own places (/etc/recorder, 127.0.0.1:8080 ...) are led to those of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Mosquitto(folder)
        self.receiver = Receiver()
        self._manager = _Manager(self)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.broker)
            stack.enter_context(self.receiver)
            self.box = stack.enter_context(self._box())
            self._write_programs()
            self.box.start("serve")
            self.box.start("capture")
            self.box.until_ready()
            stack.enter_context(self._manager)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _box(self) -> Box:
        """Its lines play noise; its configuration stands in a folder like /etc/recorder."""
        wav = write_wav(self.folder / "call.wav", noise(20 * RATE))
        lines = {name: {"device": f"file:{wav}", "loop": True} for name in ("front", "desk")}
        webhook = {
            "allow": [f"127.0.0.1:{self.receiver.port}"],
            "signing_key": SIGNING_KEY,
            "standard_key": STANDARD_KEY,
        }
        http, https = (f"127.0.0.1:{free_port()}" for _ in range(2))
        settings = {
            "http_listen": http,
            "https_listen": https,
            "public_url": f"http://{http}",
            "pre_roll_max": 20,
            "project_id": "p-1",
        }
        box = Box(self.folder, lines, mqtt={"url": self.broker.url}, webhook=webhook, **settings)
        box.http = f"http://{http}"
        for name in ("recorder", "modules-load.d"):
            (self.folder / "etc" / name).mkdir(parents=True)
        box.config = box.config.rename(self.folder / "etc/recorder/recorder.toml")
        self.places = {
            "/etc/": f"{self.folder}/etc/",
            "/var/lib/recorder/recordings": str(self.folder / "recordings"),
            "/var/lib/recorder": str(self.folder / "state"),
            "/run/recorder": str(self.folder / "run"),
            "127.0.0.1:8080": http,
            "gateway.example.com:8443": https,
            "127.0.0.1:9000": f"127.0.0.1:{self.receiver.port}",
            ".venv/bin/": "",
        }
        return box

    def led(self, text: str) -> str:
        """The text of a page with the test's places in it."""
        for place, ours in self.places.items():
            text = text.replace(place, ours)
        return text

    def run(self, blocks: list[Block]) -> str:
        """The blocks of one page, one after another in one shell; what it printed. AssertionError where one fails."""
        parts = [f": {block}\n{self.led(block.text)}" for block in blocks]
        script = "\n".join(["set -euxo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", *parts])
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        shutil.copy(self.folder / "call.wav", work)
        with (self.folder / "shell.log").open("w+") as log:  # a pipe would be held open by what runs on behind
            ran = subprocess.run(
                ["bash", "-c", script], check=False, cwd=work, env=self._environ(), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, timeout=PATIENCE_S,
            )  # fmt: skip
            log.seek(0)
            printed = log.read()
        assert ran.returncode == 0, printed[-3000:]
        return printed

    def _environ(self) -> dict[str, str]:
        ours = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(self.folder / "xdg"),
            "ROOT": str(ROOT),
            "MAKEFILE": str(MAKEFILE),
            "KNOWN": str(ROOT / "packages/debian/control"),
            "MANAGER": str(self._manager.port),
            "PYTHONPATH": str(ROOT),
        }
        return {**os.environ, **ours}

    def _write_programs(self) -> None:
        programs = self.folder / "bin"
        programs.mkdir()
        write_stand_ins(programs)
        (self.folder / "program.py").write_text(_RECORDER.format(config=str(self.box.config)))
        command = f"{sys.executable} {self.folder / 'program.py'}"
        texts = {
            "recorder": _ENDLESS.format(seconds=ENDLESS, command=command),
            "python": _PYTHON.format(python=sys.executable),
            "python3": _PYTHON.format(python=sys.executable),
        }
        for name, text in texts.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        (self.folder / "xdg").mkdir()
        for name in ("mosquitto_pub", "mosquitto_sub"):  # their own file of options
            (self.folder / "xdg" / name).write_text(f"-p {self.broker.port}\n")


class _Manager:
    """What the stand-in of systemctl asks: starts, stops and reloads the desk's processes."""

    def __init__(self, desk: Desk) -> None:
        outer = self

        class Ask(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                verb, unit = self.rfile.readline().decode().split()
                outer.do(verb, "serve" if unit == "recorder" else "capture")
                self.wfile.write(b"done\n")

        self._desk = desk
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Ask)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def do(self, verb: str, name: str) -> None:
        box = self._desk.box
        if verb in ("stop", "restart") and name in box.running:
            box.kill(name, signal.SIGTERM)
        if verb in ("start", "restart") and name not in box.running:
            box.start(name)
            box.until_ready()
        if verb == "reload":
            box.process(name).send_signal(signal.SIGHUP)
