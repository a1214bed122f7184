"""`recorder ls`: list recordings."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.client import Client
from recorder.cli.counts import at_least
from recorder.cli.printing import Column, print_objects

PER_PAGE = 200
COLUMNS = (
    Column("recording_id", whole=True),
    Column("created_at", "moment"),
    Column("line"),
    Column("state"),
    Column("duration", "seconds"),
    Column("size", "bytes"),
    Column("end_reason"),
    Column("control_id", wide=True),
    Column("call_id", wide=True),
)


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """List them, newest first. Raises Failed."""
    parser.add_argument("--line", metavar="LINE", help="of this line")
    parser.add_argument("--call", metavar="CALL_ID", help="of this call")
    parser.add_argument("--state", help="in this state: starting, recording, paused, finished, no_input or error")
    parser.add_argument("--end-reason", metavar="REASON", help="ended for this reason")
    parser.add_argument(
        "--since", metavar="TIME", help="begun then or later: Unix s, or ISO 8601 (UTC if it says nothing)"
    )
    parser.add_argument("--until", metavar="TIME", help="begun before then")
    parser.add_argument("--held", action="store_true", help="protected from erasure")
    parser.add_argument("--erased", action="store_true", help="what is left of those that were erased, instead")
    parser.add_argument("--limit", type=at_least(0), default=50, metavar="N", help="at most; default 50, 0: all")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    query = {name: getattr(args, name) for name in ("line", "call", "state", "end_reason", "since", "until")}
    query["held"] = "true" if args.held else None
    query["erased"] = "true" if args.erased else None
    print_objects(recordings(client_of(args), query, args.limit), COLUMNS, as_json=args.json)
    return exits.FINISHED


def recordings(client: Client, query: Mapping[str, object], limit: int) -> Iterator[Mapping[str, Any]]:
    """Page by page, up to a limit; 0: none."""
    left, before = limit, None
    while True:
        count = min(left, PER_PAGE) if limit else PER_PAGE
        page = client.get("/api/v1/recordings", "recordings", {**query, "before": before, "limit": count})
        yield from page["recordings"]
        left -= len(page["recordings"])
        if "next" not in page or (limit and left <= 0):
            return
        before = page["recordings"][-1]["recording_id"]
