"""The configuration for a command: loaded, or its faults printed."""

import argparse
import os
import sys
from pathlib import Path

from recorder.config.faults import ConfigRefused
from recorder.config.load import DEFAULT_PATH, load
from recorder.config.model import Config


def add_config_option(parser: argparse._ActionsContainer) -> None:
    """--config FILE."""
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"instead of {DEFAULT_PATH}")


def configured(args: argparse.Namespace) -> Config | None:
    """The configuration that the options and the environment give; None when its faults were printed to stderr."""
    try:
        return load(args.config, os.environ)
    except ConfigRefused as refused:
        for fault in refused.faults:
            print(fault, file=sys.stderr)
        return None
