"""The two forms of a record on a stream: text for people, a JSON object a line for programs."""

import json
import logging
from datetime import UTC, datetime

from recorder.logs.records import fields_of, message_of


class TextForm(logging.Formatter):
    """`12:34:56 WARNING line front is down`."""

    def format(self, record: logging.LogRecord) -> str:
        """As the class says; the time is local, as the clock on the wall."""
        return f"{self.formatTime(record, '%H:%M:%S')} {record.levelname} {message_of(record)}"


class JsonForm(logging.Formatter):
    """`{"timestamp": ..., "level": "warning", "logger": ..., "message": ..., more}`."""

    def format(self, record: logging.LogRecord) -> str:
        """As the class says."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        known = {"timestamp": when, "level": record.levelname.lower(), "logger": record.name}
        told = {**fields_of(record), **known, "message": message_of(record)}
        return json.dumps(told, ensure_ascii=False, default=str)
