"""`recorder store rebuild`: make the catalogue again out of what stands beside the recordings."""

import argparse
import json
import sys
from collections.abc import Sequence

from recorder.cli import exits
from recorder.cli.configured import add_config_option, configured
from recorder.cli.failed import Failed
from recorder.service.rebuild import faults_of, lines_of, rebuild
from recorder.store.errors import StoreError


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """0: all is catalogued; 65: some was refused, and left. Raises Failed: 66, 73, 74, 75."""
    parser.add_argument("action", choices=["rebuild"], help="rebuild: catalogue what is on the disk and not known")
    parser.add_argument("--json", action="store_true", help="print the numbers as an object")
    add_config_option(parser)
    args = parser.parse_args(arguments)
    config = configured(args)
    if config is None:
        return exits.CONFIG
    try:
        tally = rebuild(config)
    except FileExistsError as error:
        raise Failed(exits.TEMPORARY, [f"{error}: stop the service first"]) from error
    except FileNotFoundError as error:
        raise Failed(exits.NO_INPUT, [str(error)]) from error
    except StoreError as error:
        raise Failed(exits.TEMPORARY if error.reason == "locked" else exits.IO_ERROR, [str(error)]) from error
    except OSError as error:
        raise Failed(exits.CANT_CREATE, [str(error)]) from error
    for fault in faults_of(tally):
        print(fault, file=sys.stderr)
    if args.json:
        numbers = {"from_sidecars": tally.from_sidecars, "from_files": tally.from_files, "known": tally.known}
        numbers |= {"refused": len(tally.refused), "growing": tally.growing}
        print(json.dumps(numbers))
    else:
        print("\n".join(lines_of(tally)))
    return exits.BAD_DATA if tally.refused else exits.FINISHED
