"""How near a recording ends to the moment at which its stop was sent: over MQTT and over HTTP, with every line at work.

    python -m bench.stop_precision [--stops 1000] [--lines 16]

The client reads its clock just before it calls PUBLISH or POST. The line's ring, mapped by a reader of our own, says
which frame was sampled then; the last frames of the file, looked for in the ring, say at which frame the file ends.
Each line also records without an end meanwhile. The bar: 99 % within 20 ms.
"""

import argparse
import http.client
import json
import random
import sys
import time
from collections.abc import Callable, Sequence

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from bench.rig import RATE, Rig, calibration_ms, percentiles, rig
from recorder._dsp import RingReader
from tests.fixtures.mqtt import BASE
from tests.waiting import until
from tests.wav import read_wav

BAR_MS, SHARE = 20.0, 0.99
SAMPLE = 2
TAIL = 80  # frames that are looked for: noise, so they stand in one place only
Stop = Callable[[str], int]  # stops the line's youngest recording; gives the client's clock just before, ns


def over_mqtt(on: Rig) -> Stop:
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", on.broker.port)
    client.loop_start()
    until(client.is_connected)

    def stop(line: str) -> int:
        topic, payload = f"{BASE}/lines/{line}/request", json.dumps({"stop_record_call": {}})
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        client.publish(topic, payload, qos=1)
        return now

    return stop


def over_http(on: Rig) -> Stop:
    connection = http.client.HTTPConnection(on.box.http.removeprefix("http://"), timeout=20)
    connection.connect()

    def stop(line: str) -> int:
        path, body = f"/api/v1/lines/{line}/commands", json.dumps({"stop_record_call": {}})
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            answer.read()
            assert answer.status == 200, answer.status
        return now

    return stop


def file_end(ring: RingReader, pcm: bytes, near: int) -> int:
    """The line frame behind the last one of the file, which is somewhere near that frame."""
    first = max(ring.oldest, near - 2 * RATE)
    heard = ring.read(first, ring.head - first)
    at = heard.find(pcm[-TAIL * SAMPLE :])
    assert at >= 0, "the file's last frames are not in the ring"
    return first + at // SAMPLE + TAIL


def one_round(on: Rig, rings: dict[str, RingReader], stop: Stop, chance: random.Random) -> list[float]:
    """Start a recording on every line and stop each; gives how late each ended, ms."""
    begun = {line: on.box.until_ok({"line": line, "record_call": {}})["recording_id"] for line in rings}
    stopped = {}
    for line in chance.sample(list(rings), len(rings)):
        time.sleep(chance.uniform(0.0, 0.02))  # because the stop shall fall anywhere between two blocks of audio
        stopped[line] = stop(line)
    late = []
    for line, now in stopped.items():
        on.box.end_of(begun[line])
        sent = rings[line].frame_at(now)
        late.append(1000 * (file_end(rings[line], read_wav(on.box.file_of(begun[line])), sent) - sent) / RATE)
    return late


def measure(on: Rig, stops: int) -> bool:
    folder = on.box.door.parent.with_name(on.box.door.parent.name + "-capture")
    rings = {line: RingReader(str(folder / f"{line}.ring")) for line in on.lines}
    for line in on.lines:
        on.box.until_ok({"line": line, "record_call": {"control_id": "at work"}})
    chance = random.Random(4)
    doors = {"MQTT": over_mqtt(on), "HTTP": over_http(on)}
    late: dict[str, list[float]] = {name: [] for name in doors}
    while sum(map(len, late.values())) < stops:
        for name, stop in doors.items():
            late[name] += one_round(on, rings, stop, chance)
    return all([judge(name, each) for name, each in late.items()])  # noqa: C419 # because every door is to be told of


def judge(name: str, late: Sequence[float]) -> bool:
    """Print how late the stops of one door were; whether they meet the bar."""
    off = [abs(each) for each in late]
    within = sum(each <= BAR_MS for each in off) / len(off)
    print(f"{name}  {len(late)} stops, off by {percentiles(off, 'ms')}; from {min(late):.1f} to {max(late):.1f} ms")
    print(f"{name}  {100 * within:.1f} % within {BAR_MS:.0f} ms (bar: {100 * SHARE:.0f} %)")
    return within >= SHARE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=16)
    wanted = parser.parse_args()
    before = calibration_ms()
    with rig(wanted.lines) as on:
        good = measure(on, wanted.stops)
    print(f"calibration {before:.0f} ms before, {calibration_ms():.0f} ms after")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
