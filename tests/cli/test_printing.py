"""What commands print: for programs, for people, as JSON."""

import json
import os
import pty
import subprocess
import sys

import pytest

from recorder.cli.printing import Column, length, plain, print_objects, size, spoken


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        (None, "text", ""),
        ("a\tb\n\x1b[31m", "text", "a b  [31m"),
        (True, "text", "true"),
        ({"a": "ü"}, "text", '{"a": "ü"}'),
        (0, "moment", "1970-01-01T00:00:00.000Z"),
        (1795454777.2884, "moment", "2026-11-23T17:26:17.288Z"),
        (281474957929.3, "moment", "281474957929.3"),
        (3.7315, "seconds", "3.7315"),
        (59748, "bytes", "59748"),
    ],
)
def test_programs_get_values_as_they_are(value, kind, told) -> None:
    assert plain(value, kind) == told


def test_people_get_values_they_can_read() -> None:
    assert [length(each) for each in (4.23, 62, 3661)] == ["4.2 s", "1:02", "1:01:01"]
    assert [size(each) for each in (812, 1_500_000, 2e15)] == ["812 B", "1.5 MB", "2000.0 TB"]
    assert spoken(None, "seconds") == ""
    assert spoken("x\x1b", "bytes") == "x "
    assert spoken(1e300, "moment") == "1e+300"
    assert len(spoken(1795454777.2884, "moment")) == len("2026-11-23 17:26:17")


def test_json_is_an_object_a_line(capsys) -> None:
    print_objects([{"a": 1}, {"a": "ü\n"}], [Column("b")], as_json=True)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"a": 1}, {"a": "ü\n"}]


def test_a_key_that_is_missing_is_empty(capsys) -> None:
    print_objects([{"a": 1, "c": 2}], [Column("a"), Column("b"), Column("c")], as_json=False)
    assert capsys.readouterr().out == "1\t\t2\n"


def test_a_terminal_gets_a_table_and_no_markup_is_obeyed() -> None:
    code = (
        "from recorder.cli.printing import Column, print_objects\n"
        "columns = [Column('line'), Column('size', 'bytes'), Column('id', whole=True), Column('more', wide=True)]\n"
        "print_objects([{'line': '[red]x', 'size': 1500, 'id': 36 * 'i', 'more': 'hidden'}], columns, as_json=False)"
    )
    shown = on_terminal(code)
    assert "[red]x" in shown
    assert "1.5 kB" in shown
    assert 36 * "i" in shown
    assert "hidden" not in shown
    assert "line" in shown.splitlines()[0]


def on_terminal(code: str) -> str:
    """What Python code prints on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", code], stdout=theirs, env={**os.environ, "TERM": "dumb"}) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # so a terminal says that nobody writes to it any more
        assert process.wait() == 0
    os.close(ours)
    return shown.decode()
