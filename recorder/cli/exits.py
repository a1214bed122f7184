"""The exit statuses of every command, as sysexits.h (and os.EX_*) numbers them where it has a number."""

import os

FINISHED = 0
ENDED_AS_ERROR = REFUSED = 1
NO_SPEECH = 2
USAGE = os.EX_USAGE  # 64
BAD_DATA = os.EX_DATAERR  # 65
NO_INPUT = os.EX_NOINPUT  # 66
UNAVAILABLE = os.EX_UNAVAILABLE  # 69
CANT_CREATE = os.EX_CANTCREAT  # 73
IO_ERROR = os.EX_IOERR  # 74
TEMPORARY = os.EX_TEMPFAIL  # 75
CONFIG = os.EX_CONFIG  # 78
INTERRUPTED = 130

MEANINGS = {
    FINISHED: "done; a recording has finished",
    ENDED_AS_ERROR: "refused by the service, which says why; or the recording ended as error: its last event says why",
    NO_SPEECH: "the recording ended as no_input: nobody spoke in time",
    USAGE: "an option or argument is wrong; every one is named",
    BAD_DATA: "the input is no WAV file that can be recorded from; or files were refused, each of which is named",
    NO_INPUT: "the input can't be opened",
    UNAVAILABLE: "a service that is needed doesn't answer",
    CANT_CREATE: "the output can't be made",
    IO_ERROR: "reading or writing failed on the way",
    TEMPORARY: "another process holds what is needed; later it may work",
    CONFIG: "the configuration is wrong; every fault is named",
    INTERRUPTED: "ended by Ctrl-C before there was anything to finish",
}
