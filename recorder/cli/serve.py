"""`recorder serve`: the process that records."""

import argparse
from collections.abc import Sequence
from importlib import import_module

from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Until SIGTERM or SIGINT."""
    add_config_option(parser)
    config = configured(parser.parse_args(arguments))
    if config is None:
        return exits.CONFIG
    status: int = import_module("recorder.service.serve").run(config)
    return status
