"""`python -m bench.kills [KILLS] [SEED]`: kill serve again and again on human speech; figures of every seam."""

import sys
import tempfile
from pathlib import Path

from tests.crash.kills import killed_again_and_again, summary


def main() -> None:
    kills, seed = [*map(int, sys.argv[1:]), *(50, 1)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for outcome in killed_again_and_again(Path(name), kills, seed):
            print(summary(outcome, kills))


if __name__ == "__main__":
    main()
