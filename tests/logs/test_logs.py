"""Logs: the journal's own protocol, text, JSON, and no more of them than a journal bears."""

import io
import json
import logging
import os
import socket
import struct
import sys

import pytest

from recorder.logs.burst import ALIKE, ALIKE_EVERY_S, BurstLimit
from recorder.logs.forms import JsonForm, TextForm
from recorder.logs.journal import JournalHandler, is_journal
from recorder.logs.setup import set_up
from recorder.service.summaries import MESSAGE_ID


def record(message, *args, level=logging.WARNING, **extra):
    made = logging.getLogger("recorder.test").makeRecord(
        "recorder.test", level, "/x/y.py", 7, message, args, None, "do", extra
    )
    made.funcName = "do"
    return made


def entries(datagram):
    """The fields of one entry, as https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ has them."""
    fields, rest = {}, datagram
    while rest:
        line, _, rest = rest.partition(b"\n")
        name, is_short, value = line.partition(b"=")
        if not is_short:
            size = struct.unpack_from("<Q", rest)[0]
            value, rest = rest[8 : 8 + size], rest[8 + size + 1 :]
        fields[name.decode()] = value.decode()
    return fields


@pytest.fixture
def journal(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.settimeout(5)
        yield listening


def test_a_message_reaches_the_journal_with_its_fields(journal):
    handler = JournalHandler(journal.getsockname())
    handler.emit(record("line %s\nis down", "front", fields={"line": "front"}, message_id=MESSAGE_ID))
    fields = entries(journal.recv(65536))
    assert (fields["MESSAGE"], fields["PRIORITY"], fields["RECORDER_LINE"]) == ("line front\nis down", "4", "front")
    assert (fields["SYSLOG_IDENTIFIER"], fields["LOGGER"], fields["CODE_LINE"]) == ("recorder", "recorder.test", "7")
    assert fields["MESSAGE_ID"] == MESSAGE_ID
    handler.close()


def test_what_the_journal_could_not_take_is_counted_in_the_next(tmp_path):
    path = str(tmp_path / "socket")
    handler = JournalHandler(path)
    handler.emit(record("nobody listens"))
    handler.emit(record("nobody listens"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(path)
        handler.emit(record("somebody does"))
        assert entries(listening.recv(65536))["RECORDER_LOST"] == "2"
    handler.close()


def test_the_journal_is_known_by_its_stream(tmp_path):
    with (tmp_path / "file").open("w") as file:
        status = os.fstat(file.fileno())
        own = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert is_journal(file.fileno(), own)
        assert not is_journal(file.fileno(), {"JOURNAL_STREAM": "1:1"})
        assert not is_journal(file.fileno(), {})


@pytest.mark.parametrize(("is_terminal", "is_json"), [(True, False), (False, True)])
def test_a_terminal_gets_text_and_a_file_json(monkeypatch, is_terminal, is_json):
    stream = io.StringIO()
    stream.isatty = lambda: is_terminal
    stream.fileno = lambda: 2
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        set_up("info")
        logging.getLogger("recorder.test").info("line %s is up", "front")
    finally:
        root.handlers[:], _ = before
        root.setLevel(before[1])
    told = stream.getvalue()
    if is_json:
        assert json.loads(told)["message"] == "line front is up"
    else:
        assert told.endswith(" INFO line front is up\n")


@pytest.mark.parametrize("form", [JsonForm(), TextForm()])
def test_signatures_and_passwords_are_in_no_message(form):
    told = form.format(record("GET /recordings/x.wav?exp=1&sig=%s from %s", "0a" * 32, "mqtt://me:secret@broker"))
    assert "0a0a" not in told
    assert "secret" not in told
    assert "exp=1&sig=..." in told


def test_warnings_alike_are_limited_and_counted():
    now = [0.0]
    limit = BurstLimit(lambda: now[0])
    passed = [limit.filter(record("line %s: lost", "front")) for _ in range(1000)]
    assert passed.count(True) == ALIKE
    assert limit.filter(record("line %s: lost", "back"))
    assert limit.filter(record("line %s: lost", "front", level=logging.CRITICAL))
    now[0] += ALIKE_EVERY_S
    last = record("line %s: lost", "front")
    assert limit.filter(last)
    assert last.getMessage() == "line front: lost (990 more like it were left out)"


def test_a_flood_of_anything_is_limited():
    limit = BurstLimit(lambda: 0.0)
    assert sum(limit.filter(record("%d", number, level=logging.INFO)) for number in range(10_000)) == 2000
