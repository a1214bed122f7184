"""What `recorder watch` draws on a terminal."""

import io
import json

from rich.console import Console

from recorder.cli.service import Connected, Event, Lost
from recorder.cli.watch_view import View
from tests.cli.conftest import a_line


def drawn(view: View, now: float = 0.0) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(view.draw(now))
    text: str = console.file.getvalue()
    return text


def event(line: str, state: str, **params: object) -> Event:
    return Event(json.dumps({"timestamp": 1.0, "params": {"line": line, "state": state, **params}}))


def test_lines_show_their_calls_and_what_lives_on_them() -> None:
    view = View(24)
    call = {"call": {"call_id": "k-1", "since": 1.0}, "up": False}
    view.stand([{**a_line("front", "c-1", "c-2"), **call}, a_line("back")], at=10.0)
    front, second, back = drawn(view, now=11.0).splitlines()[1:4]
    assert front.split() == [
        "front",
        "none",
        "k-1",
        "recording",
        "5.0",
        "s",
        "c-1",
    ]  # since 1, asked at 5, a second ago
    assert second.split() == ["recording", "5.0", "s", "c-2"]
    assert back.split() == ["back", "up"]


def test_the_newest_events_are_shown() -> None:
    view = View(height=0)
    for number in range(5):
        view.take(event("front", "finished", control_id=f"c-{number}", duration=62.0, end_reason="max_length"))
    shown = drawn(view)
    assert [f"c-{number}" in shown for number in range(5)] == [False, False, True, True, True]
    assert "1:02" in shown


def test_a_line_that_goes_down_is_an_event() -> None:
    view = View(24)
    view.take(Event('{"line": "front", "up": false, "timestamp": 1.0}'))
    assert "down" in drawn(view)


def test_one_line_may_be_shown_alone() -> None:
    view = View(24, line="back")
    view.stand([a_line("front"), a_line("back")], at=0.0)
    view.take(event("front", "paused"))
    view.take(event("back", "recording"))
    shown = drawn(view)
    assert "front" not in shown
    assert "paused" not in shown
    assert "recording" in shown


def test_a_lost_service_is_told_until_it_is_back() -> None:
    view = View(24)
    view.take(Lost("gone\x1b[31m"))
    assert "gone [31m; trying again" in drawn(view)
    view.take(Connected())
    assert "trying again" not in drawn(view)
    view.unasked("away")
    assert "away; trying again" in drawn(view)
    view.stand([], at=0.0)
    assert "trying again" not in drawn(view)


def test_nothing_that_is_told_is_markup() -> None:
    view = View(24)
    view.take(event("front", "finished", control_id="[red]x[/red]"))
    view.stand([a_line("front", "[bold]c")], at=0.0)
    shown = drawn(view)
    assert "[red]x[/red]" in shown
    assert "[bold]c" in shown
