"""What stands retained at the broker: who comes later sees the box as it is."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jinja2
import pytest

from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder) as broker:
        yield broker


@pytest.fixture
def client(broker: Mosquitto) -> Iterator[MqttClient]:
    with MqttClient(broker.port) as client:
        yield client


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "line.wav", noise(8000 * 5))


def box_of(folder: Path, broker: Mosquitto, *lines: str, **mqtt: Any) -> Box:
    """A box with such lines; called again for one folder, the same box with another configuration."""
    configured = {line: {"device": f"file:{folder}/line.wav", "loop": True} for line in lines}
    return Box(folder, configured, mqtt={"url": broker.url, **mqtt})


def rendered(template: str, value: Any) -> str:
    """As Home Assistant does it."""
    return jinja2.Template(template).render(value_json=value)


def retained(broker: Mosquitto) -> dict[str, bytes]:
    """What a newcomer is sent."""
    with MqttClient(broker.port) as newcomer:
        newcomer.publish("end/of/retained", b"", qos=1)  # a queue has an order
        newcomer.until(lambda seen: seen.topic == "end/of/retained")
        return {seen.topic: seen.payload for seen in newcomer.seen if seen.retain}


def is_retained(broker: Mosquitto, topic: str, payload: bytes) -> None:
    until(lambda: retained(broker).get(f"{BASE}/{topic}") == payload, 20, f"{payload!r} on {topic}")


@pytest.mark.usefixtures("wav")
def test_availability_is_online_then_offline_after_a_clean_stop(tmp_path: Path, broker: Mosquitto) -> None:
    with box_of(tmp_path, broker, "front") as box:
        box.start("serve")
        is_retained(broker, "availability", b"online")
        assert box.kill("serve", signal.SIGTERM) == 0
        assert retained(broker)[f"{BASE}/availability"] == b"offline"


@pytest.mark.usefixtures("wav")
def test_the_will_says_offline_when_the_service_dies(tmp_path: Path, broker: Mosquitto, client: MqttClient) -> None:
    with box_of(tmp_path, broker, "front") as box:
        box.start("serve")
        is_retained(broker, "availability", b"online")
        box.kill("serve")
        is_retained(broker, "availability", b"offline")
        box.start("serve")
        is_retained(broker, "availability", b"online")
    assert {(seen.qos, seen.retain) for seen in client.on("availability")} == {(1, False)}


@pytest.mark.usefixtures("wav")
def test_info_tells_what_the_box_is_over_restarts(tmp_path: Path, broker: Mosquitto, client: MqttClient) -> None:
    with box_of(tmp_path, broker, "front", "back") as box:
        box.start("serve")
        box.start("capture")
        lines = {name: {"rate": 8000, "channels": 1, "playback": False} for name in ("front", "back")}
        info = client.last("info", lambda info: info["lines"] == lines)
        assert (info["node_id"], info["formats"], 8000 in info["rates"]) == ("box", ["wav", "mp3", "mp4"], True)
        box.kill("serve")
        begin = len(client.seen)
        box.start("serve")
        again = client.until(lambda seen: seen.topic == f"{BASE}/info", begin=begin).json
        assert (again["instance"], again["version"]) == (info["instance"], info["version"])


@pytest.mark.usefixtures("wav")
def test_health_tells_at_once_that_a_line_goes_down(tmp_path: Path, broker: Mosquitto, client: MqttClient) -> None:
    with box_of(tmp_path, broker, "front") as box:
        box.start("serve")
        down = client.last("health", lambda health: not health["lines"]["front"]["up"])
        assert down["lines"]["front"]["level"] == {}
        assert down["disk"]["free_bytes"] > 0
        box.start("capture")
        up = client.last("health", lambda health: health["lines"]["front"]["up"])["lines"]["front"]
        assert (up["frames"] > 0, up["gaps"], up["gap_frames"]) == (True, 0, 0)
        box.kill("capture")
        client.last("health", lambda health: not health["lines"]["front"]["up"])
        assert {seen.qos for seen in client.on("health")} == {0}


@pytest.mark.usefixtures("wav")
def test_state_shows_the_call_and_its_recordings(tmp_path: Path, broker: Mosquitto, client: MqttClient) -> None:
    with box_of(tmp_path, broker, "front") as box:
        box.start("serve")
        box.start("capture")
        empty = client.last("lines/front/state", lambda state: state["call"] is None)
        assert (empty["line"], empty["call"], empty["recordings"]) == ("front", None, [])
        params = {"call_id": "k", "state": "begin", "metadata": {"caller": "in-no-retained-topic"}}
        box.until_ok({"line": "front", "command": "call", "params": params})
        started = client.ask({"record_call": {"control_id": "c"}})["data"]
        state = client.last("lines/front/state", lambda state: state["recordings"])
        assert list(state) == ["timestamp", "line", "call", "recordings"]
        assert (state["call"]["call_id"], state["call"]["since"] < state["timestamp"]) == ("k", True)
        shown = client.last("lines/front/state", lambda s: s["recordings"][0]["state"] == "recording")["recordings"]
        since = shown[0].pop("since")
        assert since == pytest.approx(state["timestamp"], abs=5)
        ids = {name: started[name] for name in ("control_id", "recording_id")}
        assert shown == [{**ids, "state": "recording", "format": "wav", "direction": "speak", "stereo": False}]
        client.ask({"command": "calling.record.pause", "params": {"control_id": "c"}})
        client.last("lines/front/state", lambda state: state["recordings"][0]["state"] == "paused")
        client.ask({"command": "call", "params": {"call_id": "k", "state": "end"}})
        client.last("lines/front/state", lambda state: not state["recordings"] and not state["call"])
        kept = retained(broker)
    assert {topic.removeprefix(f"{BASE}/") for topic in kept} == {"availability", "info", "health", "lines/front/state"}
    assert not any(b"in-no-retained-topic" in payload or b"sig=" in payload for payload in kept.values())
    assert {(seen.qos, seen.retain) for seen in client.on("lines/front/state")} == {(1, False)}


@pytest.mark.usefixtures("wav")
def test_everything_is_published_again_after_a_broker_forgot_it(tmp_path: Path, broker: Mosquitto) -> None:
    with box_of(tmp_path, broker, "front", discovery=True) as box:
        box.start("serve")
        until(lambda: len(retained(broker)) == 5)
        before = retained(broker)
        broker.kill()  # it keeps nothing
        broker.start()
        until(lambda: retained(broker).keys() == before.keys(), 20, "all topics")
        assert retained(broker)[f"{BASE}/availability"] == b"online"


@pytest.mark.usefixtures("wav")
def test_topics_of_what_was_taken_out_are_cleared(tmp_path: Path, broker: Mosquitto) -> None:
    def topics_are(*topics: str) -> None:
        until(lambda: retained(broker).keys() == set(topics), 20, f"{topics}")

    def device(line: str) -> str:
        return f"homeassistant/device/recorder_box_{line}/config"

    def base(prefix: str, *lines: str) -> list[str]:
        of_lines = [f"{prefix}/lines/{line}/state" for line in lines]
        return [f"{prefix}/availability", f"{prefix}/info", f"{prefix}/health", *of_lines]

    with ExitStack() as boxes:
        first = boxes.enter_context(box_of(tmp_path, broker, "front", "back", discovery=True))
        first.start("serve")
        topics_are(*base("recorder/box", "front", "back"), device("front"), device("back"))
        first.kill("serve")
        second = boxes.enter_context(box_of(tmp_path, broker, "front", discovery=True))
        second.start("serve")
        topics_are(*base("recorder/box", "front"), device("front"))
        second.kill("serve", signal.SIGTERM)
        third = boxes.enter_context(box_of(tmp_path, broker, "front", prefix="site/7"))
        third.start("serve")
        topics_are(*base("site/7/box", "front"))


@pytest.mark.usefixtures("wav")
def test_home_assistant_can_switch_a_recording(tmp_path: Path, broker: Mosquitto, client: MqttClient) -> None:
    with box_of(tmp_path, broker, "front", discovery=True) as box:
        box.start("serve")
        box.start("capture")
        seen = client.until(lambda seen: seen.topic == "homeassistant/device/recorder_box_front/config")
        parts = seen.json["components"]
        assert {name: part["platform"] for name, part in parts.items()} == {
            "recording": "binary_sensor",
            "switch": "switch",
            "state": "sensor",
            "trouble": "binary_sensor",
            "level": "sensor",
            "free_disk": "sensor",
        }
        assert len({part["unique_id"] for part in parts.values()}) == 6
        assert (seen.json["availability_topic"], "name" in seen.json["origin"]) == (f"{BASE}/availability", True)
        switch = parts["switch"]
        client.last("health", lambda health: health["lines"]["front"]["level"])
        client.publish(switch["command_topic"], switch["payload_on"].encode(), qos=switch["qos"])
        state = client.last("lines/front/state", lambda s: [each["state"] for each in s["recordings"]] == ["recording"])
        assert (
            rendered(switch["value_template"], state) == rendered(parts["recording"]["value_template"], state) == "ON"
        )
        client.publish(switch["command_topic"], switch["payload_off"].encode(), qos=switch["qos"])
        state = client.last("lines/front/state", lambda s: not s["recordings"] and not s["call"])
        assert (
            rendered(switch["value_template"], state) == rendered(parts["recording"]["value_template"], state) == "OFF"
        )
        assert rendered(parts["state"]["value_template"], state) == "idle"
        health = json.loads(client.on("health")[-1].payload)
        assert float(rendered(parts["free_disk"]["value_template"], health)) == health["disk"]["free_bytes"]
        assert float(rendered(parts["level"]["value_template"], health)) == health["lines"]["front"]["level"]["speak"]
        trouble = parts["trouble"]
        health["lines"]["front"]["troubles"] = []
        assert rendered(trouble["value_template"], health) == "OFF"
        hum = {"trouble": "humming", "party": "speak", "hz": 50, "level_dbfs": -43.8}
        health["lines"]["front"]["troubles"] = [hum]
        assert rendered(trouble["value_template"], health) == "ON"
        assert json.loads(rendered(trouble["json_attributes_template"], health)) == {"troubles": [hum]}
