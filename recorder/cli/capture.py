"""`recorder capture`: the process that fills the rings."""

import argparse
import logging
from collections.abc import Sequence

from recorder.capture import supervisor
from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured
from recorder.service.lines import capture_plan


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Until SIGTERM or SIGINT; 73, 75 or 78 when it can't begin."""
    add_config_option(parser)
    config = configured(parser.parse_args(arguments))
    if config is None:
        return exits.CONFIG
    plan = capture_plan(config)
    logging.basicConfig(level=plan.log_level, format="%(levelname)s %(name)s: %(message)s")
    return supervisor.run_plan(plan)
