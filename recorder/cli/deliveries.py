"""`recorder deliveries`: list what is on its way to broker and receivers, and send it again."""

import argparse
from collections.abc import Sequence

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.counts import at_least
from recorder.cli.printing import Column, print_objects

MOST = 200
COLUMNS = (
    Column("delivery"),
    Column("state"),
    Column("door"),
    Column("url"),
    Column("recording_id", whole=True),
    Column("attempts"),
    Column("next_at", "moment"),
    Column("last_error"),
)


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """List them, newest first; or send one again. Raises Failed."""
    parser.add_argument("--state", choices=("pending", "done", "given_up"), help="in this state")
    parser.add_argument("--door", choices=("mqtt", "webhook"), help="on this way")
    parser.add_argument("--before", type=at_least(1), metavar="NUMBER", help="older than this delivery")
    parser.add_argument("--limit", type=at_least(1), default=50, metavar="N", help=f"at most; default 50, up to {MOST}")
    parser.add_argument("--again", type=at_least(1), metavar="NUMBER", help="send this one again, instead of listing")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    client, path = client_of(args), "/api/v1/deliveries"
    if args.again is not None:
        found = [client.ask("POST", f"{path}/{args.again}/again", {})]
    else:
        query = {name: getattr(args, name) for name in ("state", "door", "before", "limit")}
        found = client.get(path, "deliveries", query)["deliveries"]
    print_objects(found, COLUMNS, as_json=args.json)
    return exits.FINISHED
