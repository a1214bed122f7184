"""`recorder serve`: the process that records."""

import argparse
import os
from collections.abc import Sequence
from functools import partial

from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured
from recorder.config.reloading import load_anew
from recorder.logs.setup import set_up
from recorder.service import serve


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Until SIGTERM or SIGINT."""
    add_config_option(parser)
    parser.add_argument(
        "--print-events",
        action=argparse.BooleanOptionalAction,
        default="JOURNAL_STREAM" not in os.environ,  # systemd.exec(5): a signed link belongs in no log
        help="print each event, its signed link in it, to stdout; the default, but not into systemd's journal",
    )
    args = parser.parse_args(arguments)
    config = configured(args)
    if config is None:
        return exits.CONFIG
    set_up(config.log_level)
    return serve.run(config, reread=partial(load_anew, args.config, os.environ), print_events=args.print_events)
