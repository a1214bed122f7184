"""`recorder check-config`: every fault of the configuration, or what holds."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from recorder.capture.rings import RingsTooLarge, check_space
from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured
from recorder.config.keys import BOUNDS_KEYS, KEYS, LINE_KEYS, TABLES, TOKEN_KEYS, Key
from recorder.config.model import BoundsConfig, Config
from recorder.service.lines import capture_plan


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """0, or 78 with every fault on stderr."""
    add_config_option(parser)
    parser.add_argument("--quiet", action="store_true", help="print no values")
    parser.add_argument("--show", action="store_false", dest="quiet", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    config = configured(args)
    if config is None or not _rings_fit(config):
        return exits.CONFIG
    if not args.quiet:
        for name, value in _values(config):
            print(f"{name} = {_spelled(value)}  # {config.origins.get(name, 'default')}")
    else:
        print(f"in order: {len(config.lines)} lines")
    return exits.FINISHED


def _rings_fit(config: Config) -> bool:
    """Whether capture's rings have room where they are to stand; if not, that is printed to stderr."""
    plan = capture_plan(config)
    try:
        check_space(plan.lines, plan.site)
    except RingsTooLarge as fault:
        print(f"ring_seconds: {fault}", file=sys.stderr)
        return False
    return True


def _values(config: Config) -> Iterator[tuple[str, object]]:
    for name, key in KEYS.items():
        yield name, _told(key, getattr(config, name))
    for table, keys in TABLES.items():
        for name, key in keys.items():
            yield f"{table}.{name}", _told(key, getattr(getattr(config, table), name))
    for name, bounds in config.retention.formats.items():
        yield from _bounds(f"retention.{name}", bounds)
    for token in config.tokens.values():
        for name, key in TOKEN_KEYS.items():
            yield f"tokens.{token.name}.{name}", _told(key, getattr(token, name))
    for line in config.lines.values():
        for name in LINE_KEYS:
            yield f"lines.{line.id}.{name}", getattr(line, name)
        for name, value in line.defaults.items():
            yield f"lines.{line.id}.defaults.{name}", value
        yield from _bounds(f"lines.{line.id}.retention", line.retention)


def _bounds(table: str, bounds: BoundsConfig) -> Iterator[tuple[str, object]]:
    for name in BOUNDS_KEYS:
        yield f"{table}.{name}", getattr(bounds, name)


def _told(key: Key, value: object) -> object:
    return "(secret)" if key.secret and value else value


def _spelled(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_spelled, value))}]"
    return f"{value:.10g}" if isinstance(value, int | float) else f'"{value}"'
