"""The session with the broker: what it asks for, how it is secured, and how it comes back."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client

from tests.box import Box
from tests.fixtures.broker import CONNACK, DISCONNECT, Connect, FakeBroker, Published, packet, publish
from tests.fixtures.certificates import Authority
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import BASE, MqttClient
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

DIGIT = {"command": "digit", "params": {"digit": "1"}}
REFUSED = {"command": "nonsense"}  # with 422, also by a box that has no audio


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a broker may keep its files."""
    folder = tmp_path / "broker"
    folder.mkdir()
    return folder


def box_at(folder: Path, url: str, **mqtt: Any) -> Box:
    wav = write_wav(folder / "line.wav", noise(8000 * 5))
    return Box(folder, {"front": {"device": f"file:{wav}", "loop": True}}, mqtt={"url": url, **mqtt})


def start(box: Box) -> None:
    box.start("serve")
    box.start("capture")
    box.until_ok({"line": "front", "command": "call", "params": {"call_id": "k", "state": "begin"}})


def logged(box: Box, *words: str) -> str:
    """The first line of serve's log with these words."""

    def line() -> str | None:
        lines = box.log("serve").splitlines()
        return next((line for line in lines if all(word in line for word in words)), None)

    found: str = until(line, what=f"{words} in the log")
    return found


def test_the_session_is_what_the_contract_says(tmp_path: Path) -> None:
    with FakeBroker() as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        until(lambda: broker.subscribes)
        connect = Connect.of(broker.connects[0])
    assert (connect.level, connect.clean, connect.client_id) == (5, False, "recorder-box")
    assert connect.properties == {"SessionExpiryInterval": 30, "MaximumPacketSize": 1 << 20}
    assert connect.will == (f"{BASE}/availability", b"offline", 1, True)
    topic = f"{BASE}/lines/+/request".encode()
    options = 2 | 2 << 4  # QoS 2, Retain Handling 2; No Local and Retain As Published off
    assert broker.subscribes[0][2:] == b"\0" + len(topic).to_bytes(2, "big") + topic + bytes([options])


def test_a_clean_stop_disconnects_in_order(tmp_path: Path) -> None:
    with FakeBroker() as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        until(lambda: any(each.payload == b"online" for each in broker.published))
        box.kill("serve", 15)
        until(lambda: broker.got[-1] == DISCONNECT)
        last = broker.published[-1]
    assert (last.topic, last.payload, last.qos, last.retain) == (f"{BASE}/availability", b"offline", 1, True)


def test_a_stop_does_not_wait_for_a_broker_that_is_silent(tmp_path: Path) -> None:
    with FakeBroker(lambda _: None) as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        until(lambda: any(each.payload == b"online" for each in broker.published))
        assert box.kill("serve", 15) == 0  # within the time that the box gives it


def test_a_twin_that_the_broker_names_is_given_time(tmp_path: Path) -> None:
    with FakeBroker() as broker, box_at(tmp_path, broker.url) as box:
        box.start("serve")
        until(lambda: broker.subscribes)
        broker.send(packet(DISCONNECT, b"\x8e\0"))
        logged(box, '"error"', "second box with node_id box")
        logged(box, '"warning"', "Session taken over", "again in 60 s")


def test_two_boxes_of_one_name_find_each_other_out(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "twin").mkdir()
    with (
        Mosquitto(folder) as broker,
        box_at(tmp_path, broker.url) as box,
        box_at(tmp_path / "twin", broker.url) as twin,
    ):
        box.start("serve")
        logged(box, "mqtt: connected")
        twin.start("serve")
        for each in (box, twin):
            logged(each, '"error"', "second box with node_id box is there, instance")
        until(lambda: any("again in 60 s" in each.log("serve") for each in (box, twin)), what="one that waits")


def test_a_broker_that_refuses_or_is_none_is_named_and_tried_again(tmp_path: Path) -> None:
    with FakeBroker() as broker, box_at(tmp_path, broker.url) as box:
        broker.greetings = iter([packet(CONNACK, b"\0\x87\0"), b"HTTP/1.1 400 Bad Request\r\n\r\n"])
        box.start("serve")
        for reason in ("refuses us: Not authorized", "did not answer within"):
            logged(box, '"warning"', "mqtt: not connected", reason, "again in")
        until(lambda: any(each.payload == b"online" for each in broker.published), what="a session")
        assert box.ask({"line": "front", **REFUSED})["code"] == 422


def test_what_the_broker_does_not_take_from_us_is_named(tmp_path: Path) -> None:
    def verdict(message: Published) -> int:
        return 0x87 if message.topic.endswith(("/availability", "/response")) else 0

    with FakeBroker(verdict) as broker, box_at(tmp_path, broker.url) as box:
        start(box)
        logged(box, '"warning"', f"topic {BASE}/availability is refused by the broker: Not authorized")
        broker.send(publish(f"{BASE}/lines/front/request", b"{}", qos=0))
        logged(box, '"warning"', "an answer on topic", "is refused by the broker: Not authorized")


def test_mqtt_3_1_1_does_the_same(tmp_path: Path, folder: Path) -> None:
    with Mosquitto(folder) as broker, MqttClient(broker.port) as client:
        client.command({"record_call": {}, "transaction": "kept"}, retain=True)
        with box_at(tmp_path, broker.url, version="3.1.1") as box:
            start(box)
            logged(box, "retained request is ignored", "lines/front/request")
            assert client.ask(DIGIT)["code"] == 200
            recording_id = client.ask({"record_call": {"max_length": 0.1}})["data"]["recording_id"]
            end = client.until(lambda seen: seen.topic.endswith("/event") and "record" in seen.json["params"])
            assert end.json["params"]["recording_id"] == recording_id
            assert not any(seen.json.get("transaction") == "kept" for seen in client.on("lines/front/response"))
            client.last("lines/front/state", lambda state: state["call"])
            box.kill("serve")
            client.until(lambda seen: seen.topic == f"{BASE}/availability" and seen.payload == b"offline")
    log = (folder / "mosquitto.log").read_text()
    assert "as recorder-box (p2, c1, k20)" in log


def test_user_and_password_are_given_and_never_told(tmp_path: Path, folder: Path) -> None:
    users = folder / "users"
    subprocess.run(["mosquitto_passwd", "-c", "-b", users, "box", "s3cret-pass"], check=True, capture_output=True)
    with Mosquitto(folder, "allow_anonymous false", f"password_file {users}") as broker:
        wrong = box_at(tmp_path, broker.url, username="box", password="wr0ng-pass")
        with wrong as box:
            box.start("serve")
            logged(box, '"warning"', "refuses us: Not authorized")
        with box_at(tmp_path, broker.url, username="box", password="s3cret-pass") as box:
            box.start("serve")
            with MqttClient(broker.port, set_up=lambda client: client.username_pw_set("box", "s3cret-pass")) as client:
                client.until_online()
                assert client.ask({**REFUSED})["code"] == 422
            assert "-pass" not in box.log("serve")


def test_tls_with_an_own_authority_and_a_client_certificate(tmp_path: Path, folder: Path) -> None:
    authority = Authority(folder)
    server, own, stranger = authority.issue("broker", "127.0.0.1"), authority.issue("box"), Authority(folder, "other")
    settings = [
        f"cafile {authority.ca}",
        f"certfile {server.cert}",
        f"keyfile {server.key}",
        "require_certificate true",
    ]

    def set_up(client: Client) -> None:
        client.tls_set(authority.ca, own.cert, own.key)

    with Mosquitto(folder, *settings) as broker:
        url = broker.url.replace("mqtt:", "mqtts:")
        with box_at(tmp_path, url, ca=str(stranger.ca), cert=str(own.cert), key=str(own.key)) as box:
            box.start("serve")
            logged(box, '"warning"', "certificate verify failed")
        with box_at(tmp_path, url, ca=str(authority.ca)) as box:
            box.start("serve")
            logged(box, '"warning"', "not connected", "the connection broke")
        with box_at(tmp_path, url, ca=str(authority.ca), cert=str(folder / "none.pem"), key=str(own.key)) as box:
            box.start("serve")
            logged(box, '"warning"', "none.pem", "No such file")
        with box_at(tmp_path, url, ca=str(authority.ca), cert=str(own.cert), key=str(own.key)) as box:
            box.start("serve")
            with MqttClient(broker.port, set_up=set_up) as client:
                client.until_online()
                assert client.ask({**REFUSED})["code"] == 422
                client.command(b'{"transaction": "large", "x": "' + b"x" * 900_000 + b'"}')  # many TLS records
                seen = client.until(lambda seen: seen.topic.endswith("/response") and b"large" in seen.payload)
                assert seen.json["code"] == 422
