"""A capture process for another program: `python -m recorder.capture` with a Plan as JSON on stdin.

It dies with the program that started it.
"""

import os
import sys

from recorder.capture.process import die_with_parent
from recorder.capture.spec import Plan
from recorder.capture.supervisor import run_plan
from recorder.logs.setup import set_up


def main() -> int:
    """Capture until SIGTERM; the exit status as supervisor.run gives it."""
    plan = Plan.from_json(sys.stdin.readline())
    die_with_parent(plan.starter or os.getppid())
    set_up(plan.log_level)
    return run_plan(plan)


if __name__ == "__main__":
    sys.exit(main())
