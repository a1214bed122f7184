"""`recorder serve`: the process that records."""

import argparse
from collections.abc import Sequence

from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured
from recorder.service import serve


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Until SIGTERM or SIGINT."""
    add_config_option(parser)
    config = configured(parser.parse_args(arguments))
    if config is None:
        return exits.CONFIG
    return serve.run(config)
