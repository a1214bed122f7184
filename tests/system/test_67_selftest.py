"""`recorder status`, `doctor` and `selftest` on a box whose line hears what it plays, and on one that is down."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.pulse import PulseDaemon, Sink
from tests.ports import free_port

RATE = 8000


def shell(box: Box, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """A command with --json: its status, its objects, its stderr."""
    command = [sys.executable, "-m", "recorder", arguments[0], "--config", str(box.config), *arguments[1:], "--json"]
    environ = {name: each for name, each in os.environ.items() if name != "RECORDER_TOKEN"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr


def by_check(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {each["check"]: each["state"] for each in findings}


@pytest.fixture(scope="module")
def looped(tmp_path_factory: pytest.TempPathFactory, alsa_plugin: Path, broker: Mosquitto) -> Iterator[Box]:
    """A line of the ALSA plugin, with a cable from its speaker; another that can't be played to."""
    folder, cards = tmp_path_factory.mktemp("box"), tmp_path_factory.mktemp("cards")
    line, mute = AlsaLine(cards, "line", b""), AlsaLine(cards, "mute", b"")
    out = AlsaSpeaker(cards, "out", rate=RATE, channels=1).heard_by(line)
    alsa = write_config(cards, alsa_plugin, [line, mute, out])
    lines = {
        "looped": {"device": "alsa:line", "rate": RATE, "playback": "alsa:out"},
        "mute": {"device": "alsa:mute", "rate": RATE},
    }
    webhook = {"allow": [f"127.0.0.1:{free_port()}"]}
    with Box(folder, lines, webhook=webhook, mqtt={"url": broker.url}) as box:
        box.start("serve")
        box.start("capture", {"ALSA_CONFIG_PATH": str(alsa)})
        box.until_ready()
        yield box


def test_a_looped_line_of_the_alsa_plugin_passes(looped: Box) -> None:
    status, findings, told = shell(looped, "selftest", "--line", "looped")
    assert (status, {each["state"] for each in findings}) == (0, {"ok"}), findings
    assert [*by_check(findings)] == [*("playback", "file", "level", "silence", "digits", "speech", "webhook", "mqtt")]
    assert "all is well" in told
    assert shell(looped, "ls")[1] == [], "its recording is erased"


def test_a_line_that_cannot_be_played_to_or_is_in_use_is_refused(looped: Box) -> None:
    status, findings, told = shell(looped, "selftest", "--line", "mute")
    assert (status, findings) == (69, [])
    assert "line mute has no playback device" in told
    looped.until_ok({"line": "looped", "record_call": {"control_id": "k"}})
    status, findings, told = shell(looped, "selftest", "--line", "looped")
    assert (status, findings) == (75, [])
    assert "in use" in told
    looped.until_ok({"line": "looped", "stop_record_call": {"control_id": "k"}})


def test_status_tells_one_object_and_rows(looped: Box) -> None:
    (status,) = shell(looped, "status")[1]
    assert (status["node_id"], status["lines"]["mute"]["up"], status["checks"]["mqtt"]) == ("box", True, "ok")
    command = [sys.executable, "-m", "recorder", "status", "--config", str(looped.config)]
    rows = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert rows[1].split("\t")[:3] == ["mute", "up", "0"]
    assert "store\tok" in rows


def test_doctor_finds_no_fault_on_a_box_that_is_well(looped: Box) -> None:
    port = looped.http.rpartition(":")[2]
    status, findings, _ = shell(looped, "doctor", "--webhook", f"http://127.0.0.1:{port}/x")
    faults = [each for each in findings if each["state"] == "fault"]
    assert [each["check"] for each in faults] == ["webhook"], faults
    assert "is our own" in faults[0]["detail"]
    assert status == 1
    found = by_check(findings)
    wanted = {"configuration", "state_dir", "disk", "capture", "device looped", "ring looped", "broker", "service"}
    assert {name: found[name] for name in wanted} == dict.fromkeys(wanted, "ok")


def test_selftest_passes_on_pulseaudio_and_names_what_it_skips(shm_path: Path) -> None:
    with PulseDaemon(shm_path, [Sink("loop", RATE)]) as pulse:
        alsa = pulse.write_config(shm_path)
        server = f"unix:{pulse.socket}"
        with alsa.open("a") as config:
            config.write(f'pcm.out {{ type pulse server "{server}" device "loop" }}\n')
        line = {"device": "alsa:loop", "rate": RATE, "playback": "alsa:out"}
        with Box(shm_path, {"looped": line}) as box:
            box.start("serve")
            box.start("capture", {"ALSA_CONFIG_PATH": str(alsa), "HOME": str(shm_path)})
            box.until_ready()
            box.until_ok({"line": "looped", "record_call": {"control_id": "k"}})
            status, findings, _ = shell(box, "selftest", "--keep", "--force")
            assert status == 0, findings
            found = by_check(findings)
            assert {name for name, state in found.items() if state == "skipped"} == {"webhook", "mqtt"}
            assert {each["state"] for each in shell(box, "ls")[1]} == {"recording", "finished"}


def test_doctor_works_on_a_box_that_is_down(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no audio")
    with Box(tmp_path, {"front": {"device": f"file:{tmp_path}/a.wav"}}, mqtt={"url": "mqtt://127.0.0.1:1"}) as box:
        status, findings, told = shell(box, "doctor")
        found = by_check(findings)
        assert status == 1
        for check in ("capture", "ring front", "broker", "service"):
            assert found[check] == "fault", check
        assert (found["configuration"], found["disk"], found["webhook"]) == ("ok", "ok", "skipped")
        assert all(each["advice"] for each in findings if each["state"] == "fault")
        assert "4 fault(s)" in told
        box.config.write_text("nonsense = 1\n")
        status, findings, _ = shell(box, "doctor")
        assert (status, by_check(findings)["configuration"]) == (1, "fault")
