"""`recorder rm`: erase recordings."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.client import Client, Refusal
from recorder.cli.failed import Failed
from recorder.cli.printing import Column, plain, print_objects, spoken
from recorder.cli.recording_ids import path_of, recording_id


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Erase each, whatever becomes of those before; on a terminal only what is agreed to. Raises Failed."""
    parser.add_argument("recordings", nargs="+", type=recording_id, metavar="ID", help="a recording_id")
    parser.add_argument("-y", "--yes", action="store_true", help="don't ask; nobody is asked but on a terminal")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    client, asks, refused = client_of(args), sys.stdin.isatty() and not args.yes, list[str]()

    def erased() -> Iterator[Mapping[str, str]]:
        for each in args.recordings:
            try:
                if asks and not _agreed(client, each):
                    continue
                client.ask("DELETE", path_of(each))
            except Refusal as refusal:
                refused.extend(f"{each}: {fault}" for fault in refusal.faults)
            else:
                yield {"recording_id": each, "state": "erased"}

    print_objects(erased(), (Column("recording_id"), Column("state")), as_json=args.json)
    if refused:
        raise Failed(exits.REFUSED, refused)
    return exits.FINISHED


def _agreed(client: Client, recording_id: str) -> bool:
    """Whether the person at the terminal wants it."""
    found = client.get(path_of(recording_id), "recording_id")
    facts = (plain(found.get("line"), "text"), spoken(found.get("created_at"), "moment"))
    print(f"erase {recording_id} ({', '.join((*facts, spoken(found.get('duration'), 'seconds')))})? [y/N] ", end="")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
