"""`recorder doctor`: look at everything that a box needs, whether or not the service runs, and say what to do."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.client import NoAnswer
from recorder.cli.failed import Failed
from recorder.cli.findings import tell
from recorder.cli.status import trouble
from recorder.config.faults import ConfigRefused
from recorder.config.load import load
from recorder.config.model import Config
from recorder.contract.values import Unfit, web_url
from recorder.service.checkup import capturing, installation, places, receivers
from recorder.service.checkup.finding import Finding, found_by

LATE_S = 2.0  # behind the ring's head


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """0: no fault, though perhaps warnings; 1: faults."""
    add_access_options(parser)
    parser.add_argument("--webhook", type=_url, metavar="URL", help="see whether this receiver can be reached")
    args = parser.parse_args(arguments)
    count = tell(examine(args), as_json=args.json)
    print(f"{count['fault']} fault(s), {count['warning']} warning(s)", file=sys.stderr)
    return exits.REFUSED if count["fault"] else exits.FINISHED


def examine(args: argparse.Namespace) -> Iterator[Finding]:
    """All findings; without a configuration, those that need none."""
    yield from found_by("mp4", installation.mp4)
    yield from found_by("clock", installation.time)
    yield from found_by("limits", installation.limits)
    yield from found_by("units", installation.units)
    try:
        config = load(args.config, os.environ)
    except ConfigRefused as refused:
        for fault in refused.faults:
            yield Finding("configuration", "fault", str(fault), "recorder check-config shows what holds")
        return
    yield Finding("configuration", "ok", f"{len(config.lines)} line(s), node {config.node_id}")
    for name, check in (
        ("sound", installation.sound),
        ("directories", places.directories),
        ("disk", places.disk),
        ("capture", capturing.capture),
        ("rings", places.rings),
        ("certificates", places.certificates),
        ("broker", broker),
    ):
        yield from found_by(name, partial(check, config))
    yield from found_by("webhook", partial(receivers.webhook, config, args.webhook))
    yield from found_by("service", partial(service, args))


def broker(config: Config) -> Iterator[Finding]:
    """Whether the configured broker takes us, under a name of our own."""
    if not config.mqtt.url:
        yield Finding("broker", "skipped", "[mqtt] has no url")
        return
    from recorder.cli.mqtt_service import MqttService  # noqa: PLC0415 # because others needn't wait for paho to load

    try:
        with MqttService(config):
            yield Finding("broker", "ok", f"{config.mqtt.url} takes us")
    except NoAnswer as failed:
        yield Finding("broker", "fault", failed.faults[0], "look at [mqtt]: url, ca, username; and at the broker's log")


def service(args: argparse.Namespace) -> Iterator[Finding]:
    """What the running service says of itself."""
    try:
        client = client_of(args)
        status = client.get("/api/v1/status", "checks")
    except Failed as failed:
        advice = "systemctl start recorder; journalctl -u recorder says why it does not run"
        yield Finding("service", "fault", failed.faults[0], advice)
        return
    yield Finding("service", "ok", f"version {status['version']}, for {status['running_seconds']:.0f} s")
    for name, state in status["checks"].items():
        yield Finding(name, "ok" if state == "ok" else "fault", state)
    yield from _lines_of(status)
    yield from _deliveries_of(status)


def _lines_of(status: Mapping[str, Any]) -> Iterator[Finding]:
    for name, line in status["lines"].items():
        for told in line["troubles"]:
            yield Finding(f"sound {name}", "warning", trouble(told), ADVICE[told["trouble"]])
        if line.get("behind_seconds", 0) > LATE_S:
            detail = f"{line['behind_seconds']:.1f} of {line['ring_seconds']:.0f} s not heard yet"
            yield Finding(f"behind {name}", "warning", detail, "the box is too busy: see what else runs on it")


ADVICE = {
    "no_audio": "look at the cable, the card and capture's log",
    "dead": "the device gives nothing but zeros: is its source muted, the right channel taken?",
    "clipping": "turn the card's capture gain down: alsamixer",
    "humming": "an open input or a ground loop: plug the cable in, share one ground, use an isolating transformer",
}


def _deliveries_of(status: Mapping[str, Any]) -> Iterator[Finding]:
    for door, counts in status["deliveries"].items():
        detail = f"{counts['pending']} pending, {counts['given_up']} given up"
        if counts["given_up"]:
            advice = f"recorder deliveries --door {door} --state given_up says why; --again NUMBER sends one again"
            yield Finding(f"{door} deliveries", "warning", detail, advice)
        else:
            yield Finding(f"{door} deliveries", "ok", detail)


def _url(text: str) -> str:
    try:
        return web_url(text)
    except Unfit as unfit:
        raise argparse.ArgumentTypeError(f"must be {unfit}") from None
