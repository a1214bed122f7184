"""`recorder hold`: protect recordings from erasure, or release them."""

import argparse
from collections.abc import Iterator, Mapping, Sequence

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.client import Refusal
from recorder.cli.failed import Failed
from recorder.cli.printing import Column, print_objects
from recorder.cli.recording_ids import path_of, recording_id


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Hold or release each, whatever becomes of those before. Raises Failed."""
    parser.add_argument("recordings", nargs="+", type=recording_id, metavar="ID", help="a recording_id")
    parser.add_argument("--release", action="store_true", help="protect them no longer")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    client, refused = client_of(args), list[str]()
    method, state = ("DELETE", "released") if args.release else ("PUT", "held")

    def done() -> Iterator[Mapping[str, str]]:
        for each in args.recordings:
            try:
                client.ask(method, f"{path_of(each)}/hold")
            except Refusal as refusal:
                refused.extend(f"{each}: {fault}" for fault in refusal.faults)
            else:
                yield {"recording_id": each, "state": state}

    print_objects(done(), (Column("recording_id"), Column("state")), as_json=args.json)
    if refused:
        raise Failed(exits.REFUSED, refused)
    return exits.FINISHED
