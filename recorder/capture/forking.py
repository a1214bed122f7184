"""Starting a child as a copy of this process: what both have in memory is there once, and nothing has to be imported.

For a process with one thread and no sound library in it, as the parent of capture is.
"""

import gc
import importlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

# What children use. Not sounddevice, which would initialise PortAudio.
MODULES = (
    "recorder.capture.child",
    "recorder.capture.player",
    "_sounddevice",
    "ctypes.util",
    "platform",
    "sysconfig",
)
_OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


def prepare() -> None:
    """Import what children use, once; the collector leaves it alone, as a page that it touches is no longer shared."""
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def fork(main: Callable[[], None], stdin: int, stdout: int) -> int:
    """Run `main` in a child between these two descriptors; its pid. OSError."""
    sys.stdout.flush()
    sys.stderr.flush()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _OURS)
    try:
        pid = os.fork()
        if pid == 0:
            _be_child(main, stdin, stdout)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return pid


def _be_child(main: Callable[[], None], stdin: int, stdout: int) -> NoReturn:
    """Never returns: what the parent was about to do is none of ours."""
    status = 1
    try:
        gc.freeze()  # what is garbage of the parent's may hold numbers of descriptors that will be ours
        signal.set_wakeup_fd(-1)
        for number in _OURS:
            signal.signal(number, signal.SIG_DFL)
        for handler in logging.root.handlers[:]:  # before its descriptor is another's
            logging.root.removeHandler(handler)
            handler.close()
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        for fd in [int(name) for name in os.listdir("/proc/self/fd")]:  # noqa: PTH208 # because names are all that is asked
            if fd > 2:
                with suppress(OSError):  # the one that listed them
                    os.close(fd)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 # because it is a descriptor, and lives as long as we do
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS)
        main()
        status = 0
    except BaseException:  # noqa: BLE001 # because it is told, and the process ends
        traceback.print_exc()
    finally:
        os._exit(status)
