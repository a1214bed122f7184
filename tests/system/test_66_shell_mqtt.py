"""The shell over a broker that goes away, refuses, or carries what others publish."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.cli.mqtt_service import MqttService
from recorder.cli.service import Connected, Event, Lost
from recorder.config.load import load
from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient
from tests.system.api import box_of
from tests.system.shell import Shell
from tests.waiting import until


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto) -> Iterator[Box]:
    with box_of(tmp_path_factory.mktemp("box"), mqtt={"url": broker.url}) as box:
        box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})
        yield box


def record(box: Box) -> str:
    begun = box.until_ok({"line": "front", "record_call": {"max_length": 0.05}})
    box.end_of(begun["recording_id"])
    return str(begun["recording_id"])


def configuration(folder: Path, broker: Mosquitto, *lines: str) -> Path:
    path = folder / "recorder.toml"
    path.write_text("\n".join(['node_id = "box"', "[mqtt]", f'url = "{broker.url}"', *lines]) + "\n")
    return path


def test_mqtt_3_does_all_the_same(box: Box, broker: Mosquitto, tmp_path: Path) -> None:
    shell = Shell(configuration(tmp_path, broker, 'version = "3.1.1"'))
    [begun] = shell.json("start", "--mqtt")
    until(lambda: shell("stop", begun["data"]["control_id"], "--mqtt").returncode == 0, 20, "the stop")
    assert box.end_of(begun["data"]["recording_id"])["end_reason"] == "stop_command"


def test_what_others_publish_breaks_nothing(box: Box, broker: Mosquitto) -> None:
    with MqttClient(broker.port) as client, MqttService(load(box.config, {})) as service:
        told = service.follow()
        assert next(told) == Connected()
        for payload in (b"", b"\xff", b"[]", b'"x"', b"{", b'{"lines": 7}', b'{"transaction": {}}'):
            for leaf in ("lines/front/response", "lines/front/event", "lines/x/state", "health"):
                client.publish(f"{BASE}/{leaf}", payload)
        assert service.command("front", {"command": "digit", "params": {"digit": "1"}})["code"] == 200
        assert [line["line"] for line in service.lines()] == ["front"]
        recording_id = record(box)
        events = [json.loads(each.text) for each in (next(told) for _ in range(4)) if isinstance(each, Event)]
        assert [each["params"]["recording_id"] for each in events if "params" in each] == [recording_id] * 2


def test_a_line_that_goes_down_and_comes_back_is_told(box: Box) -> None:
    with MqttService(load(box.config, {})) as service:
        told = service.follow()
        assert next(told) == Connected()
        until(lambda: service.lines()[0]["up"], 20, "the line to be known as up")
        box.kill("capture")
        down = next(told)
        assert isinstance(down, Event)
        assert json.loads(down.text)["up"] is False
        box.start("capture")
        back = next(told)
        assert isinstance(back, Event)
        assert json.loads(back.text) == {"line": "front", "up": True, "timestamp": json.loads(back.text)["timestamp"]}


def test_a_broker_that_comes_back_is_gone_on_with(box: Box, broker: Mosquitto) -> None:
    with MqttService(load(box.config, {})) as service:
        told = service.follow()
        assert next(told) == Connected()
        broker.kill()
        lost = next(told)
        assert isinstance(lost, Lost)
        assert broker.url in lost.why
        broker.start()
        assert next(each for each in told if not isinstance(each, Lost)) == Connected()
        recording_id = record(box)
        assert next(each.text for each in told if isinstance(each, Event) and recording_id in each.text)


def test_a_box_that_has_left_is_away(box: Box, broker: Mosquitto) -> None:
    with MqttClient(broker.port) as client:
        box.kill("serve", 15)
        client.until(lambda seen: (seen.topic, seen.payload) == (f"{BASE}/availability", b"offline"))
    ended = Shell(box.config)("stop", "--all", "--mqtt")
    assert (ended.returncode, ended.stderr) == (69, f"recorder stop: box box at {broker.url} is away\n")
    box.start("serve")


def test_a_broker_that_refuses_us_says_why(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "me", "right"], check=True, capture_output=True)
    with Mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}") as broker:
        for version, reason in (("5", "Not authorized"), ("3.1.1", "Not authorized")):
            wrong = (f'version = "{version}"', 'username = "me"', 'password = "wrong"')
            ended = Shell(configuration(tmp_path, broker, *wrong))("stop", "--all", "--mqtt")
            assert (ended.returncode, reason in ended.stderr) == (69, True)
            assert "wrong" not in ended.stderr
