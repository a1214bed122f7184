"""What is wrong with a line is told while it is recorded: by the API, the event stream, the log and the metrics."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests

from tests.alsa.device import AlsaLine, write_config
from tests.box import Box
from tests.fixtures.chromium import CHROMIUM, MISSING, dom_of
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.mqtt import MqttClient
from tests.fixtures.stream import Stream
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

RATE = 8000
DEAD_WITHIN_S = 60
CLIPPED = np.array([32767, -32768] * (RATE // 2), np.int16).tobytes()  # a second of it
MARKUP = "<img/src='/x'/onerror='document.title=1'>"


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> AlsaLine:
    return AlsaLine(
        tmp_path_factory.mktemp("card"), "card", (np.frombuffer(noise(120 * RATE), np.int16) >> 4).tobytes()
    )


@pytest.fixture(scope="module")
def loud(card: AlsaLine) -> AlsaLine:
    """Far too loud, on a second card."""
    return AlsaLine(card.file.parent, "loud", CLIPPED * 120)


@pytest.fixture(scope="module")
def box(
    tmp_path_factory: pytest.TempPathFactory, alsa_plugin: Path, card: AlsaLine, loud: AlsaLine, broker: Mosquitto
) -> Iterator[Box]:
    """Lines that are dead, hum, clip, and hang on a cable; all but the loud one are recorded from the beginning."""
    folder = tmp_path_factory.mktemp("box")
    at = np.arange(10 * RATE) / RATE
    hum = (300 * np.sin(2 * np.pi * 50 * at)).round().astype(np.int16).tobytes()
    write_wav(folder / "dead.wav", bytes(2 * 10 * RATE))
    write_wav(folder / "hums.wav", hum)
    write_wav(folder / "clips.wav", CLIPPED)
    lines = {name: {"device": f"file:{folder / name}.wav", "loop": True} for name in ("dead", "hums", "clips")}
    cards = {name: {"device": f"alsa:{device}", "rate": RATE} for name, device in (("cable", "card"), ("loud", "loud"))}
    alsa = write_config(card.file.parent, alsa_plugin, [card, loud])
    with Box(folder, {**lines, **cards}, device_grace=20, mqtt={"url": broker.url}) as box:
        box.start("serve")
        box.start("capture", {"ALSA_CONFIG_PATH": str(alsa)})
        box.until_ready()
        for line in ("dead", "hums", "cable"):
            box.until_ok({"line": line, "record_call": {"control_id": line}})
        box.until_ok({"line": "clips", "record_call": {"control_id": MARKUP}})
        yield box


@pytest.fixture(scope="module")
def client(broker: Mosquitto) -> Iterator[MqttClient]:
    with MqttClient(broker.port) as client:
        yield client


@pytest.fixture(scope="module")
def stream(box: Box) -> Iterator[Stream]:
    with Stream(f"{box.http}/api/v1/events/stream") as stream:
        yield stream


def told(stream: Stream, line: str, trouble: str, state: str, timeout: float = 20) -> dict[str, object]:
    """The params of that health event, once it is told."""

    def look() -> dict[str, object] | None:
        events = [data for _, kind, data in stream.events if kind == "recorder.line.health"]
        wanted = {"line": line, "trouble": trouble, "state": state}
        return next((each["params"] for each in events if wanted.items() <= each["params"].items()), None)

    return until(look, timeout, f"{line}: {trouble} {state}")


def health(box: Box, line: str) -> dict[str, object]:
    found: dict[str, object] = requests.get(f"{box.http}/api/v1/status", timeout=20).json()["lines"][line]
    return found


def test_an_unplugged_cable_is_told_at_once_and_its_return(
    box: Box, stream: Stream, client: MqttClient, card: AlsaLine
) -> None:
    assert health(box, "cable")["troubles"] == []
    card.unplug()
    down = told(stream, "cable", "no_audio", "began", 4)
    assert (down["node_id"], len(down["recording_ids"])) == ("box", 1)
    assert health(box, "cable")["troubles"] == [{"trouble": "no_audio"}]
    client.last("health", lambda told: told["lines"]["cable"]["troubles"] == [{"trouble": "no_audio"}])
    assert "line cable: no audio since frame" in box.log("serve")
    card.plug()
    told(stream, "cable", "no_audio", "over")
    until(lambda: health(box, "cable")["gaps"] == 1, what="the gap")
    assert health(box, "cable")["troubles"] == []


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_capture_process_that_stands_still_is_told_at_once(box: Box, stream: Stream) -> None:
    capture = box.process("capture").pid
    stopped = [capture, *children_of(capture)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        told(stream, "hums", "no_audio", "began", 4)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    told(stream, "hums", "no_audio", "over")


def test_hum_is_told_while_the_line_is_recorded(box: Box, stream: Stream, client: MqttClient) -> None:
    hum = told(stream, "hums", "humming", "began", 40)
    assert (hum["party"], hum["hz"], len(hum["recording_ids"])) == ("speak", 50, 1)
    assert hum["level_dbfs"] == pytest.approx(-43.8, abs=1)
    assert "line hums: speak hums at 50 Hz" in box.log("serve")
    topic = client.last("health", lambda told: told["lines"]["hums"]["troubles"])["lines"]["hums"]["troubles"]
    assert topic == [{name: hum[name] for name in ("trouble", "party", "hz", "level_dbfs")}]
    metrics = requests.get(f"{box.http}/metrics", timeout=20).text
    assert 'recorder_line_trouble{line="hums",party="speak",trouble="humming"} 1.0' in metrics
    assert 'recorder_line_troubles_total{line="hums",trouble="humming"} 1.0' in metrics


def test_nothing_is_said_of_the_sound_of_a_line_that_has_none(box: Box, stream: Stream, loud: AlsaLine) -> None:
    clips, silent = {"trouble": "clipping", "party": "speak"}, {"trouble": "no_audio"}
    until(lambda: health(box, "loud")["troubles"] == [clips], what="the clipping")
    assert health(box, "loud")["level"]["speak"] > -3
    loud.unplug()
    until(lambda: silent in health(box, "loud")["troubles"], what="the silence")
    assert health(box, "loud")["troubles"] == [silent]
    assert health(box, "loud")["level"] == {}
    assert 'level_dbfs{line="loud"' not in requests.get(f"{box.http}/metrics", timeout=20).text
    told(stream, "loud", "clipping", "over")


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_the_page_shows_how_each_line_sounds(box: Box, stream: Stream, tmp_path: Path) -> None:
    told(stream, "hums", "humming", "began", 40)
    told(stream, "dead", "dead", "began", DEAD_WITHIN_S)
    told(stream, "clips", "clipping", "began", 20)
    page = dom_of(f"{box.http}/", tmp_path / "profile")
    rows = dict(re.findall(r"<tr><td>(\w+)</td><td>(.*?)</td>", page))
    assert rows.keys() == {"dead", "hums", "clips", "cable", "loud"}
    assert (rows["clips"], rows["loud"]) == ("speak clips", "no audio")
    assert ("<img" in page, "&lt;img/src" in page, "<title>recorder</title>" in page) == (False, True, True)
    assert rows["dead"] == "speak is dead: nothing but zeros"
    assert rows["hums"].startswith("speak hums at 50 Hz, -4")
    assert rows["cable"] == "in order"


def test_a_dead_line_is_told_and_is_over_with_its_recording(box: Box, stream: Stream) -> None:
    dead = told(stream, "dead", "dead", "began", DEAD_WITHIN_S)
    assert dead["party"] == "speak"
    box.until_ok({"line": "dead", "stop_record_call": {}})
    told(stream, "dead", "dead", "over")
    assert health(box, "dead")["troubles"] == []


def test_status_tells_checks_rings_disk_and_deliveries(box: Box) -> None:
    status = requests.get(f"{box.http}/api/v1/status", timeout=20).json()
    assert (status["node_id"], status["checks"]["store"], status["checks"]["line hums"]) == ("box", "ok", "ok")
    assert status["deliveries"] == {door: {"pending": 0, "given_up": 0} for door in ("mqtt", "webhook")}
    line = status["lines"]["cable"]
    assert line["ring_seconds"] >= 30
    assert line["behind_seconds"] < 5
    until(lambda: "drift_ppm" in health(box, "cable"), 20, "a measured clock")
    assert requests.get(f"{box.http}/api/v1/status?x=1", timeout=20).status_code == 422
    metrics = requests.get(f"{box.http}/metrics", timeout=20).text
    for name in ("recorder_line_ring_seconds", "recorder_line_behind_seconds", "recorder_line_drift_ratio"):
        assert f'{name}{{line="cable"}}' in metrics
    assert 'recorder_deliveries_pending{door="webhook"} 0.0' in metrics
