"""Where the log of a process goes."""

import logging
import os
import sys

from recorder.logs.burst import BurstLimit
from recorder.logs.forms import JsonForm, TextForm
from recorder.logs.journal import JournalHandler, is_journal


def set_up(level: str) -> None:
    """Log to the journal if stderr leads there, else to stderr: as text on a terminal, as JSON lines elsewhere."""
    handler: logging.Handler
    if is_journal(sys.stderr.fileno(), os.environ):
        handler = JournalHandler()
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(TextForm() if sys.stderr.isatty() else JsonForm())
    handler.addFilter(BurstLimit())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
