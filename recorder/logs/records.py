"""A log record as text and as fields, with nothing secret in it.

Whoever logs gives fields beside the message by `extra={"fields": {"line": "front"}}`.
"""

import logging
import re
import traceback
from collections.abc import Mapping

_SIGNATURE = re.compile(r"(?<=sig=)[0-9A-Za-z_%-]{8,}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+(?=@)")


def message_of(record: logging.LogRecord) -> str:
    """The message, with what was raised behind it."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        text = f"{text}\n{''.join(traceback.format_exception(record.exc_info[1])).rstrip()}"
    return without_secrets(text)


def fields_of(record: logging.LogRecord) -> Mapping[str, str | int | float | bool]:
    """What was given beside the message."""
    fields: Mapping[str, str | int | float | bool] = getattr(record, "fields", {})
    return fields


def without_secrets(text: str) -> str:
    """The text without signatures of links, and users and passwords of URLs."""
    return _CREDENTIALS.sub("...", _SIGNATURE.sub("...", text))
