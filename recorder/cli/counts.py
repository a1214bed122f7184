"""Whole numbers among the options."""

import argparse
from collections.abc import Callable


def at_least(least: int) -> Callable[[str], int]:
    """The reading of a whole number from there on."""

    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and least <= int(text[:18]):
            return int(text[:18])
        raise argparse.ArgumentTypeError(f"must be a whole number, {least} or more")

    return parse
