"""Commands over MQTT at a fixed rate, on lines that all record: every one answered, and no frame missing anywhere.

    python -m bench.commands [--rate 1000] [--seconds 10] [--lines 16]

Half are `digit`, a quarter pause, a quarter resume. They are sent when their time has come, whether or not earlier ones
are answered; a latency counts from that time until the answer is here.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from bench.rig import RATE, Rig, calibration_ms, percentiles, rig
from tests.fixtures.mqtt import BASE
from tests.waiting import until
from tests.wav import read_wav

SAMPLE = 2
CONTROL_ID = "bench"


class Sender:
    """One client: sends commands, notes when each was answered, and how."""

    def __init__(self, port: int) -> None:
        self.due: dict[int, float] = {}
        self.answered: dict[int, tuple[float, int]] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.max_inflight_messages_set(1000)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(f"{BASE}/lines/+/response", qos=1)
        self._client.loop_start()
        until(self._client.is_connected)

    def send(self, number: int, line: str, command: dict[str, Any], due: float) -> None:
        self.due[number] = due
        payload = json.dumps({**command, "transaction": number})
        self._client.publish(f"{BASE}/lines/{line}/request", payload, qos=1)

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        now = time.perf_counter()
        answer = json.loads(message.payload)
        self.answered[answer["transaction"]] = (now, answer["code"])


def commands(lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Digits and, between them, pauses and resumes in turn, line by line."""
    steer = {"params": {"control_id": CONTROL_ID}}
    pause = {"command": "calling.record.pause", "params": {"control_id": CONTROL_ID, "behavior": "silence"}}
    resume = {"command": "calling.record.resume", **steer}
    digit = {"command": "digit", "params": {"digit": "5"}}
    while True:
        for turn in (digit, pause, digit, resume):
            for line in lines:
                yield line, turn


def play(sender: Sender, lines: list[str], rate: int, seconds: float) -> float:
    """Send all of them; gives the seconds it took to send."""
    turns = commands(lines)
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        while (early := due - time.perf_counter()) > 0:
            time.sleep(early)  # because the moment is what is waited for: commands come at a rate
        sender.send(number, *next(turns), due)
    return time.perf_counter() - began


def judge_file(kept: bytes, loop: bytes) -> str | None:
    """What is wrong with a file that must be the line's noise without a frame missing, but for silence in pauses."""
    first = loop.find(kept[: 40 * SAMPLE])
    if first < 0:
        return "its beginning is not of the line"
    whole = loop[first:] + loop * (len(kept) // len(loop) + 1)
    if kept == whole[: len(kept)]:
        return None
    for at in range(0, len(kept), SAMPLE):
        here = kept[at : at + SAMPLE]
        if here not in (whole[at : at + SAMPLE], b"\0\0"):
            return f"frame {at // SAMPLE} is neither silence nor the line's"
    return None


def measure(on: Rig, rate: int, seconds: float) -> bool:
    lines = list(on.lines)
    started = {
        line: on.box.until_ok({"line": line, "record_call": {"control_id": CONTROL_ID, "direction": "speak"}})
        for line in lines
    }
    sender = Sender(on.broker.port)
    before, began = on.cpu_s(), time.perf_counter()
    took = play(sender, lines, rate, seconds)
    try:
        until(lambda: len(sender.answered) == len(sender.due), 30, "every answer")
    except AssertionError as error:
        print(error)
    wall = time.perf_counter() - began
    cpu = {name: 100 * (used - before[name]) / wall for name, used in on.cpu_s().items()}
    for line in lines:
        on.box.until_ok({"line": line, "stop_record_call": {"control_id": CONTROL_ID}})
    ends = {line: on.box.end_of(data["recording_id"]) for line, data in started.items()}
    sender.end()
    good = sum(code == 200 for _, code in sender.answered.values())
    latencies = [1000 * (at - sender.due[number]) for number, (at, _) in sender.answered.items()]
    print(f"sent        {len(sender.due)} commands in {took:.2f} s: {len(sender.due) / took:.0f}/s")
    print(f"answered    {len(sender.answered)}, {good} of them with 200, the last after {wall:.2f} s")
    print(f"latency     {percentiles(latencies, 'ms')}")
    print(f"CPU         {', '.join(f'{name} {share:.0f} %' for name, share in cpu.items())} (of one core)")
    return good == len(sender.due) and sound(on, started, ends)


def sound(on: Rig, started: dict[str, dict[str, Any]], ends: dict[str, dict[str, Any]]) -> bool:
    """Whether every file is whole; prints what they are, and each fault."""
    faults = {line: f"{end['gap_count']} gaps told" for line, end in ends.items() if end["gap_count"]}
    seconds = 0.0
    for line, data in started.items():
        kept = read_wav(on.box.file_of(data["recording_id"]))
        seconds += len(kept) / SAMPLE / RATE
        fault = judge_file(kept, on.lines[line])
        if fault is not None:
            faults[line] = fault
    print(f"files       {len(ends)}, {seconds:.0f} s in all, {len(faults)} with a gap")
    for line, fault in faults.items():
        print(f"  {line}: {fault}")
    return not faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1000, help="commands a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--lines", type=int, default=16)
    wanted = parser.parse_args()
    before = calibration_ms()
    with rig(wanted.lines) as on:
        good = measure(on, wanted.rate, wanted.seconds)
    print(f"calibration {before:.0f} ms before, {calibration_ms():.0f} ms after")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
