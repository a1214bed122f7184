"""`recorder selftest`: play a programme out of a line's playback device, record it, and judge what came of it."""

import argparse
import io
import sys
import time
import uuid
import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of, config_of
from recorder.cli.client import Client, Refusal, segment
from recorder.cli.failed import Failed
from recorder.cli.findings import tell
from recorder.cli.http_service import HttpService
from recorder.cli.line_choice import add_line_options, chosen
from recorder.cli.selftest_witnesses import Broker, Receiver, Witness
from recorder.config.model import Config
from recorder.service.checkup.finding import Finding
from recorder.service.directories import capture_directory
from recorder.service.selftest import programme, verdict
from recorder.service.selftest.playing import NotPlayed, play

ENDS_WITHIN_S = 20.0
TOLD_WITHIN_S = 10.0
LOOK_EVERY_S = 0.1
ORDER = {"direction": "speak", "format": "wav", "terminators": "", "stereo": False, "beep": False, "pre_roll": 0}
TIMES = {"initial_timeout": 0, "end_silence_timeout": 0, "max_length": 120, "beep_interval": 0}


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """0: all is well; 1: faults. Raises Failed: no playback device (69), the line is in use (75)."""
    add_line_options(parser, every=False)
    parser.add_argument("--force", action="store_true", help="also on a line that is in use: the party hears it")
    parser.add_argument("--keep", action="store_true", help="keep the recording")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    config, client = config_of(args), client_of(args)
    (line,) = chosen(args, HttpService(client).lines())
    _fit(config, line, force=args.force)
    faults = tell(test(config, client, str(line["line"]), keep=args.keep), as_json=args.json)["fault"]
    print(f"line {line['line']}: {f'{faults} fault(s)' if faults else 'all is well'}", file=sys.stderr)
    return exits.REFUSED if faults else exits.FINISHED


def _fit(config: Config, line: Mapping[str, Any], *, force: bool) -> None:
    """Raise Failed unless the line can be tested."""
    name = line["line"]
    configured = config.lines.get(name)
    if configured is None or configured.playback is None:
        raise Failed(exits.UNAVAILABLE, [f"line {name} has no playback device: [lines.{name}] playback names one"])
    if not line["up"]:
        raise Failed(exits.UNAVAILABLE, [f"line {name} has no audio: recorder doctor says why"])
    if (line["call"] is not None or line["recordings"]) and not force:
        raise Failed(exits.TEMPORARY, [f"line {name} is in use; with --force the party hears the test"])


def test(config: Config, client: Client, line: str, *, keep: bool) -> Iterator[Finding]:
    """Record, play, stop, and judge."""
    with ExitStack() as stack:
        receiver, broker = stack.enter_context(Receiver(config)), stack.enter_context(Broker(config))
        order = {**ORDER, **TIMES, "control_id": f"selftest-{uuid.uuid4()}"}
        if receiver.url:
            order["status_url"] = receiver.url
        service = HttpService(client)
        recording_id = str(_asked(service.command(line, {"record_call": order}))["recording_id"])
        try:
            play(capture_directory(config), line, config.lines[line].rate or 8000)
            yield Finding(
                "playback", "ok", f"{config.lines[line].playback}, {programme.LEAD_S + programme.END_S:.1f} s"
            )
        except (NotPlayed, OSError) as fault:
            advice = "look at [lines] playback and at capture's log; run this as root or as the service's user"
            yield Finding("playback", "fault", str(fault), advice)
        finally:
            _asked(service.command(line, {"stop_record_call": {"control_id": order["control_id"]}}))
        recording = _ended(client, recording_id)
        yield from _recorded(client, recording)
        for witness in (receiver, broker):
            yield _told(witness, recording_id)
        if not keep:
            with suppress(Refusal):
                client.ask("DELETE", f"/api/v1/recordings/{segment(recording_id)}")


def _asked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if "errors" in answer:
        raise Failed(exits.REFUSED, [each["detail"] for each in answer["errors"]])
    data: Mapping[str, Any] = answer["data"]
    return data


def _ended(client: Client, recording_id: str) -> Mapping[str, Any]:
    give_up = time.monotonic() + ENDS_WITHIN_S
    while True:
        found = client.get(f"/api/v1/recordings/{segment(recording_id)}", "format")
        if "end_reason" in found:
            return found
        if time.monotonic() > give_up:
            raise Failed(exits.REFUSED, [f"recording {recording_id} does not end"])
        time.sleep(LOOK_EVERY_S)  # because it polls: an end is judged by what the service says of it


def _recorded(client: Client, recording: Mapping[str, Any]) -> Iterator[Finding]:
    name = segment(str(recording["recording_id"]))
    try:
        with client.open("GET", f"/recordings/{name}.wav") as response:
            file = response.read()
        with wave.open(io.BytesIO(file)) as audio:
            rate, frames = audio.getframerate(), audio.readframes(audio.getnframes())
    except (Refusal, wave.Error, EOFError) as error:
        yield Finding("file", "fault", f"{error}", "the service's log says what became of it")
        return
    yield _file(recording, len(file), len(frames) / 2 / rate)
    track = client.get(f"/api/v1/recordings/{name}/track", "digits")
    yield from verdict.judge(frames, rate, track)


def _file(recording: Mapping[str, Any], size: int, duration_s: float) -> Finding:
    detail = f"{size} bytes, {duration_s:.3f} s, {recording['end_reason']}, {recording.get('gap_count', 0)} gap(s)"
    is_as_told = size == recording["size"] and abs(duration_s - recording["duration"]) < 1e-3
    if not is_as_told:
        return Finding("file", "fault", f"{detail}; told were {recording['size']} and {recording['duration']}")
    if recording.get("gap_count"):
        return Finding("file", "warning", detail, "audio was missing: recorder doctor, and capture's log")
    return Finding("file", "ok", detail)


def _told(witness: Witness, recording_id: str) -> Finding:
    if witness.skipped:
        return Finding(witness.name, "skipped", witness.skipped)
    give_up = time.monotonic() + TOLD_WITHIN_S
    while (states := witness.states(recording_id)) != ["recording", "finished"] and time.monotonic() < give_up:
        time.sleep(LOOK_EVERY_S)  # because it polls: the witness gathers in a thread of its own
    detail = (
        f"{', '.join(states) or 'nothing'} in {TOLD_WITHIN_S:g} s" if states[-1:] != ["finished"] else ", ".join(states)
    )
    if states == ["recording", "finished"]:
        return Finding(witness.name, "ok", f"told: {detail}")
    return Finding(witness.name, "fault", f"told: {detail}", f"recorder deliveries --door {witness.name} says why")
