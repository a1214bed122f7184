"""Commands of the pages that can't run in a test: why, and what is checked in their place.

A stand-in is a shell script that finds the words in "$@"; another status than 0 is a fault of the page.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.docs.blocks import ROOT


@dataclass(frozen=True)
class StandIn:
    """What a command would do that a test may not, and the script that checks its words."""

    reason: str
    script: str


_UNITS = "recorder|recorder-capture|asterisk|baresip"
_WELL_FORMED = 'test $# -gt 0 || { echo "$0: no words" >&2; exit 1; }'

STAND_INS = {
    "sudo": StandIn("the test's user does it itself", 'if test "$1" = -u; then shift 2; fi; exec "$@"'),
    "apt": StandIn(
        "it changes the machine",
        r"""test "$1" = install; shift
        for each; do case "$each" in ./*recorder*.deb) ;; *) grep -qw -- "$each" "$MAKEFILE" "$KNOWN";; esac; done""",
    ),
    "apt-get": StandIn(
        "it changes the machine", 'test "$1" = install; for each in "${@:2}"; do grep -qw -- "$each" "$MAKEFILE"; done'
    ),
    "systemctl": StandIn(
        "the test has no service manager; it asks the test, which starts, stops and reloads the real processes",
        rf"""verb=$1; shift
        case "$verb" in start|stop|restart|reload|status|enable|edit) ;; *) echo "systemctl $verb" >&2; exit 1;; esac
        for unit; do case "$unit" in
          --now) ;; recorder|recorder-capture) exec 3<>"/dev/tcp/127.0.0.1/$MANAGER"; echo "$verb $unit" >&3
            read -r answer <&3; test "$answer" = done;;
          {_UNITS}) ;; *) echo "systemctl: $unit" >&2; exit 1;; esac; done""",
    ),
    "journalctl": StandIn(
        "the test has no journal",
        r"""for each; do case "$each" in -u|-f|recorder|recorder-capture) ;;
        RECORDER_*=*) name=${each%%=*}; name=${name#RECORDER_}
          grep -qw "${name,,}" "$ROOT/recorder/service/summaries.py";;
        *) echo "journalctl: $each" >&2; exit 1;; esac; done""",
    ),
    "modprobe": StandIn("it changes the machine", 'test "$1" = snd-aloop'),
    "adduser": StandIn("it changes the machine", 'test "$2" = recorder'),
    "ufw": StandIn("it changes the machine", _WELL_FORMED),
    "make": StandIn(
        "it builds or tests all there is; the targets are looked up", '/usr/bin/make -n -C "$ROOT" "$@" >/dev/null'
    ),
    "pip": StandIn("it changes the environment", 'test "$1" = install'),
    "ruff": StandIn("make test does it, and it would change the tree", _WELL_FORMED),
    "mypy": StandIn("make test does it", "true"),
    "man": StandIn("man-db need not be here; the page must be", 'test -s "$1"'),
    "git": StandIn("it changes the tree", _WELL_FORMED),
    "asterisk": StandIn("it need not be here", 'test "$1" = -rx'),
}


def write_stand_ins(folder: Path) -> None:
    """Put them into a folder for PATH."""
    for name, stand_in in STAND_INS.items():
        path = folder / name
        path.write_text(f"#!/bin/bash\n# because {stand_in.reason}\nset -eu\n{stand_in.script}\n")
        path.chmod(0o755)


MAKEFILE = ROOT / "Makefile"
