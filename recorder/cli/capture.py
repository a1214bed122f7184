"""`recorder capture`: the process that fills the rings."""

import argparse
import os
from collections.abc import Sequence

from recorder.capture import supervisor
from recorder.capture.spec import Plan
from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured
from recorder.config.faults import ConfigRefused
from recorder.config.reloading import load_anew
from recorder.logs.setup import set_up
from recorder.service.lines import capture_plan


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Until SIGTERM or SIGINT; 73, 75 or 78 when it can't begin."""
    add_config_option(parser)
    args = parser.parse_args(arguments)
    config = configured(args)
    if config is None:
        return exits.CONFIG
    set_up(config.log_level)

    def reread() -> Plan:
        try:
            return capture_plan(load_anew(args.config, os.environ))
        except ConfigRefused as refused:
            raise supervisor.ReloadRefused("; ".join(map(str, refused.faults))) from refused

    return supervisor.run_plan(capture_plan(config), reread)
