"""SIGHUP: lines come and go, limits and tokens change, and the recordings of other lines notice nothing."""

import json
import signal
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recorder._dsp import RingReader
from tests.alsa.device import AlsaLine, write_config
from tests.box import Box
from tests.fixtures.certificates import Authority
from tests.fixtures.manager import Manager
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient
from tests.noise import is_part_of, noise
from tests.ports import free_port
from tests.waiting import until
from tests.wav import read_wav, write_wav

if TYPE_CHECKING:
    import subprocess

RATE = 8000
SOURCE = noise(60 * RATE)


class Reloaded:
    """A box whose configuration changes under way."""

    def __init__(self, folder: Path, serve: Manager, capture: Manager) -> None:
        self.folder = folder
        self.managers = {"serve": serve, "capture": capture}
        self.settings: dict[str, Any] = {}
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.box: Box

    def configure(self, *lines: str, **settings: Any) -> None:
        """Write a configuration of these lines."""
        device = {"device": f"file:{self.folder}/line.wav", "loop": True}
        box = Box(self.folder, dict.fromkeys(lines, device), **{**self.settings, **settings})
        if not hasattr(self, "box"):
            self.settings["http_listen"] = box.http.removeprefix("http://")
            self.box = box

    def start(self) -> None:
        for name, manager in self.managers.items():
            self.processes[name] = self.box.start(name, manager.environ)
            manager.until_told("READY=1")

    def reload(self) -> None:
        """SIGHUP to both, and wait until each says that it is done."""
        for name, manager in self.managers.items():
            manager.told.clear()
            self.processes[name].send_signal(signal.SIGHUP)
            manager.until_told("RELOADING=1")
            manager.until_told("READY=1")

    def open_files(self, name: str) -> list[str]:
        """What a process has descriptors of; one of a file that was deleted says so."""
        found = []
        for fd in Path(f"/proc/{self.processes[name].pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                found.append(str(fd.readlink()))
        return found

    def stop(self) -> None:
        for name in self.managers:
            self.box.kill(name)

    def record(self, line: str, **parameters: object) -> str:
        recording_id: str = self.box.until_ok({"line": line, "record_call": parameters})["recording_id"]
        self.box.until_told(recording_id, lambda params: params["state"] == "recording")
        return recording_id


@pytest.fixture
def reloaded(tmp_path: Path) -> Iterator[Reloaded]:
    write_wav(tmp_path / "line.wav", SOURCE)
    with Manager(tmp_path, "recorder") as serve, Manager(tmp_path, "recorder-capture") as capture:
        reloaded = Reloaded(tmp_path, serve, capture)
        yield reloaded
        reloaded.box.__exit__()


def test_lines_come_and_go_beside_a_recording(reloaded: Reloaded) -> None:
    reloaded.configure("stays", "goes")
    reloaded.start()
    going, staying = reloaded.record("goes"), reloaded.record("stays")  # so that one that goes has heard something
    reloaded.configure("stays", "comes")
    reloaded.reload()
    end = reloaded.box.end_of(going)
    assert (end["state"], end["end_reason"]) == ("error", "device_lost")
    assert is_part_of(read_wav(reloaded.box.file_of(going)), SOURCE)
    gone = reloaded.box.ask({"line": "goes", "record_call": {}})
    assert (gone["code"], "comes" in gone["errors"][0]["detail"]) == (404, True)
    assert not (reloaded.folder / "run-capture/goes.ring").exists()
    until(lambda: not (reloaded.folder / "run/goes.state").exists(), what="the end of its checkpoint")
    assert not [name for name in reloaded.open_files("serve") if "goes" in name]
    coming = reloaded.record("comes", max_length=0.3)
    assert reloaded.box.end_of(coming)["duration"] == 0.3
    reloaded.box.until_ok({"line": "stays", "command": "stop_record_call", "params": {}})
    assert reloaded.box.end_of(staying)["gap_count"] == 0
    assert is_part_of(read_wav(reloaded.box.file_of(staying)), SOURCE)
    for manager in reloaded.managers.values():
        manager.until_said("2 of 2 lines up")


def test_a_line_that_was_taken_out_comes_back(reloaded: Reloaded) -> None:
    reloaded.configure("front")
    reloaded.start()
    going = reloaded.record("front")
    reloaded.configure()
    reloaded.reload()
    assert reloaded.box.end_of(going)["end_reason"] == "device_lost"
    reloaded.configure("front")
    reloaded.reload()
    again = reloaded.record("front", max_length=0.3)
    assert reloaded.box.end_of(again)["duration"] == 0.3
    assert len([*reloaded.folder.glob("run-capture/alsa-*.conf")]) == 1  # nothing gathers there, reload by reload


def test_a_device_is_let_go_of_while_it_runs_and_its_neighbour_notices_nothing(
    shm_path: Path, alsa_plugin: Path
) -> None:
    devices = [AlsaLine(shm_path, name, noise(30 * RATE, 1, len(name))) for name in ("stays", "goes")]
    both = {device.name: {"device": f"alsa:{device.name}"} for device in devices}
    config = write_config(shm_path, alsa_plugin, devices)
    with Manager(shm_path, "recorder-capture") as manager, Box(shm_path, both) as box:
        capture = box.start("capture", {**manager.environ, "ALSA_CONFIG_PATH": str(config)})
        path = shm_path / "run-capture/stays.ring"
        until(path.exists, what="a ring")
        ring = RingReader(path)
        until(lambda: ring.head > RATE, what="audio")
        Box(shm_path, {"stays": both["stays"]})
        manager.told.clear()
        capture.send_signal(signal.SIGHUP)
        manager.until_told("READY=1")
        until(lambda: not devices[1].is_open, what="the device's release")
        heard = ring.head
        until(lambda: ring.head > heard + 2 * RATE, what="audio of the line that stays")
        assert ring.gaps() == []
        assert devices[0].starts == 1


def test_limits_hold_for_what_begins_after_the_reload(reloaded: Reloaded) -> None:
    reloaded.configure("front", max_length_cap=3600, log_level="warning")
    reloaded.start()
    assert reloaded.box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})
    before = reloaded.record("front")
    reloaded.configure("front", max_length_cap=1, headroom_bytes=0, log_level="info")
    reloaded.reload()
    capped = reloaded.record("front")
    end = reloaded.box.end_of(capped)
    assert (end["end_reason"], end["duration"]) == ("max_length", 1.0)
    assert "record" not in reloaded.box.of(before)[-1]["params"]
    assert f"recording {capped} of line front" in reloaded.box.log("serve")
    reloaded.configure("front", headroom_bytes=1 << 60)
    reloaded.reload()
    assert reloaded.box.ask({"line": "front", "record_call": {}})["code"] == 507


def test_a_configuration_with_faults_changes_nothing_and_says_so(reloaded: Reloaded) -> None:
    reloaded.configure("front")
    reloaded.start()
    recording_id = reloaded.record("front")
    reloaded.configure("front", "other", device_grace=-1, ring_sekunds=4)
    reloaded.reload()
    for manager in reloaded.managers.values():
        manager.until_said("reload refused, the old configuration holds")
    log = reloaded.box.log("serve")
    assert "device_grace" in log
    assert "ring_sekunds" in log
    assert reloaded.box.ask({"line": "other", "record_call": {}})["code"] == 404
    reloaded.box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    assert reloaded.box.end_of(recording_id)["gap_count"] == 0


def test_a_file_that_is_empty_for_a_moment_ends_nothing(reloaded: Reloaded) -> None:
    reloaded.configure("front")
    reloaded.start()
    recording_id = reloaded.record("front")
    reloaded.box.config.write_text("")
    reloaded.reload()
    for manager in reloaded.managers.values():
        manager.until_said("reload refused, the old configuration holds")
    reloaded.box.until_ok({"line": "front", "command": "stop_record_call", "params": {}})
    assert reloaded.box.end_of(recording_id)["end_reason"] == "stop_command"


def test_what_waits_for_a_restart_is_named(reloaded: Reloaded) -> None:
    reloaded.configure("front")
    reloaded.start()
    reloaded.configure("front", ring_seconds=20, node_id="another", device_grace=5)
    reloaded.reload()
    reloaded.managers["serve"].until_said("restart to change node_id, ring_seconds, device_grace")
    reloaded.managers["capture"].until_said("restart to change ring_seconds")


def status_with(reloaded: Reloaded, token: str) -> int:
    request = urllib.request.Request(f"{reloaded.box.http}/api/v1/lines", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_tokens_change(reloaded: Reloaded) -> None:
    reloaded.configure("front", token="first", plain_http=True)
    reloaded.start()
    assert [status_with(reloaded, token) for token in ("first", "second")] == [200, 401]
    reloaded.configure("front", token="second", plain_http=True)
    reloaded.reload()
    assert [status_with(reloaded, token) for token in ("first", "second")] == [401, 200]


def shown_certificate(port: int) -> str:
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=10)


def test_a_certificate_is_changed_and_a_broken_one_is_not_taken(reloaded: Reloaded) -> None:
    authority, port = Authority(reloaded.folder), free_port()
    first, second = authority.issue("first", "127.0.0.1"), authority.issue("second", "127.0.0.1")
    https = {"https_listen": f"127.0.0.1:{port}"}
    reloaded.configure("front", **https, https_cert=str(first.cert), https_key=str(first.key))
    reloaded.start()
    old = shown_certificate(port)
    reloaded.configure("front", "other", **https, https_cert=str(second.cert), https_key=str(first.key))
    reloaded.reload()
    reloaded.managers["serve"].until_said("reload refused")
    assert shown_certificate(port) == old
    reloaded.configure("front", **https, https_cert=str(second.cert), https_key=str(second.key))
    reloaded.reload()
    assert shown_certificate(port) != old
    assert shown_certificate(port).strip() in second.cert.read_text()


def test_retained_topics_of_a_line_taken_out_are_cleared(reloaded: Reloaded) -> None:
    folder = reloaded.folder / "broker"
    folder.mkdir()
    with Mosquitto(folder) as broker, MqttClient(broker.port) as client:
        reloaded.configure("stays", "goes", mqtt={"url": broker.url})
        reloaded.start()
        topic = f"{BASE}/lines/goes/state"
        client.until(lambda seen: seen.topic == topic and b'"line":"goes"' in seen.payload)
        reloaded.configure("stays", mqtt={"url": broker.url})
        reloaded.reload()
        client.until(lambda seen: seen.topic == topic and seen.payload == b"")
        reloaded.stop()  # before the broker goes
        info = client.until(lambda seen: seen.topic == f"{BASE}/info" and b"goes" not in seen.payload)
        assert json.loads(info.payload)["lines"]


def test_log_of_a_recording_is_one_line_without_its_link(reloaded: Reloaded) -> None:
    reloaded.configure("front")
    reloaded.start()
    recording_id = reloaded.record("front", max_length=0.2)
    end = reloaded.box.end_of(recording_id)

    def lines() -> list[dict[str, Any]]:
        told = map(json.loads, reloaded.box.log("serve").splitlines())
        return [line for line in told if line.get("recording_id") == recording_id]

    [line] = until(lines, 10, "its line in the log")
    assert (line["line"], line["end_reason"], line["duration"], line["size"]) == (
        "front",
        "max_length",
        0.2,
        end["size"],
    )
    assert "sig=" not in reloaded.box.log("serve")
