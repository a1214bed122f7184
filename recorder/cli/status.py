"""`recorder status`: how the box stands."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.printing import Column, print_objects, size

LINES = (
    Column("line"),
    Column("audio"),
    Column("recordings"),
    Column("speak_dbfs"),
    Column("listen_dbfs"),
    Column("gaps"),
    Column("behind_seconds"),
    Column("drift_ppm"),
    Column("troubles"),
)
CHECKS = (Column("check"), Column("state"))


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Lines, then checks, disk and deliveries. Raises Failed."""
    add_access_options(parser)
    args = parser.parse_args(arguments)
    client = client_of(args)
    status = client.get("/api/v1/status", "checks")
    if args.json:
        print_objects([status], (), as_json=True)
        return exits.FINISHED
    live = {each["line"]: len(each["recordings"]) for each in client.get("/api/v1/lines", "lines")["lines"]}
    print_objects(_lines(status, live), LINES, as_json=False)
    print_objects(_checks(status), CHECKS, as_json=False)
    return exits.FINISHED


def _lines(status: Mapping[str, Any], live: Mapping[str, int]) -> Iterator[Mapping[str, Any]]:
    for name, line in status["lines"].items():
        yield {
            "line": name,
            "audio": "up" if line["up"] else "none",
            "recordings": live.get(name, 0),
            **{f"{party}_dbfs": dbfs for party, dbfs in line["level"].items()},
            **{key: line.get(key) for key in ("gaps", "behind_seconds", "drift_ppm")},
            "troubles": ", ".join(map(trouble, line["troubles"])),
        }


def trouble(told: Mapping[str, Any]) -> str:
    """A trouble in a few words."""
    hum = f" {told['hz']} Hz {told['level_dbfs']:g} dBFS" if "hz" in told else ""
    return " ".join(filter(None, (told.get("party"), told["trouble"]))) + hum


def _checks(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for check, state in status["checks"].items():
        yield {"check": check, "state": state}
    disk = status["disk"]
    yield {"check": "room", "state": f"{size(disk['free_bytes'])}, {disk['free_hours']:g} h"}
    for door, counts in status["deliveries"].items():
        yield {"check": f"{door} deliveries", "state": f"{counts['pending']} pending, {counts['given_up']} given up"}
