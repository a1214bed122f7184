"""`recorder show`: tell all that is known of a recording."""

import argparse
import json
from collections.abc import Sequence

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.printing import Column, Kind, plain, print_objects
from recorder.cli.recording_ids import path_of, recording_id

KINDS: dict[str, Kind] = {
    "created_at": "moment",
    "started_at": "moment",
    "ended_at": "moment",
    "erased_at": "moment",
    "held_at": "moment",
}


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Tell it, a fact a line. Raises Failed."""
    parser.add_argument("recording", type=recording_id, metavar="ID", help="a recording_id")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    found = client_of(args).get(path_of(args.recording), "recording_id")
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        facts = [{"fact": name, "value": plain(value, KINDS.get(name, "text"))} for name, value in found.items()]
        print_objects(facts, (Column("fact"), Column("value")), as_json=False)
    return exits.FINISHED
