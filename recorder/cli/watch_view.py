"""What `recorder watch` draws on a terminal: the lines, and under them the events told last."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from recorder.cli.client import NoAnswer
from recorder.cli.failed import Failed
from recorder.cli.printing import length, plain, spoken
from recorder.cli.service import Connected, Event, Lost, Service, Told
from recorder.cli.watch_rows import COLUMNS, flat, is_told_twice

DRAW_EVERY_S = 1.0  # and with each event
ASK_EVERY_S = 2.0  # how the lines stand, and with each event
AUDIO = {True: Text("up"), False: Text("none", style="red"), None: Text("?")}  # by what is known of it
COLOURS = {"recording": "green", "paused": "yellow", "error": "red", "no_input": "yellow", "down": "red"}


class View:
    """What is known, and how it looks."""

    def __init__(self, height: int, line: str | None = None) -> None:
        """`line`: only that one is shown."""
        self._lines: list[Mapping[str, Any]] = []
        self._line = line
        self._asked = 0.0
        self._unasked = ""
        self._fault = ""
        self._events: deque[Mapping[str, Any]] = deque(maxlen=max(3, height - 12))

    def take(self, told: Told) -> None:
        """Something was told."""
        match told:
            case Event(text):
                event = flat(json.loads(text))
                if self._line in (None, event.get("line")) and not is_told_twice(event):
                    self._events.append(event)
            case Lost(why):
                self._fault = why
            case Connected():
                self._fault = ""

    def stand(self, lines: Iterable[Mapping[str, Any]], at: float) -> None:
        """The lines stand like this, at a moment of the monotonic clock."""
        self._lines = [line for line in lines if self._line in (None, line["line"])]
        self._asked = at
        self._unasked = ""

    def unasked(self, why: str) -> None:
        """How the lines stand can't be had: what was known of them stays."""
        self._unasked = why

    def draw(self, now: float) -> Group:
        """All of it, at a moment of the monotonic clock."""
        parts: list[Table | Text] = [self._lines_table(now - self._asked), Text(), self._events_table()]
        fault = self._fault or self._unasked
        if fault:
            parts.append(Text(f"{plain(fault, 'text')}; trying again", style="red"))
        return Group(*parts)

    def _lines_table(self, since_s: float) -> Table:
        table = Table("line", "audio", "call", "recordings", box=None, header_style="bold", pad_edge=False)
        for line in self._lines:
            call = line["call"]
            told = Text("\n").join(_live(each, line["timestamp"] + since_s) for each in line["recordings"])
            table.add_row(
                Text(plain(line["line"], "text")),
                AUDIO[line.get("up")],
                Text("" if call is None else plain(call["call_id"], "text")),
                told,
            )
        return table

    def _events_table(self) -> Table:
        table = Table(box=None, header_style="bold", pad_edge=False)
        shown = [column for column in COLUMNS if not column.wide]
        for column in shown:
            table.add_column(column.name.replace("_", " "), overflow="fold")
        for event in self._events:
            style = COLOURS.get(event.get("state", ""), "")
            table.add_row(*(Text(spoken(event.get(each.name), each.kind), style=style) for each in shown))
        return table


def _live(recording: Mapping[str, Any], now: float) -> Text:
    state = plain(recording["state"], "text")
    for_s = max(0.0, now - recording["since"])
    text = f"{state:<9} {length(for_s):>7}  {plain(recording['control_id'], 'text')}"
    return Text(text, style=COLOURS.get(state, ""))


def show(service: Service, told: Iterator[Told], line: str | None) -> None:
    """Draw, until something is raised: Ctrl-C, or Failed."""
    console = Console(highlight=False)
    view = View(console.height, line)
    news: SimpleQueue[Told | Failed] = SimpleQueue()
    threading.Thread(target=_gather, args=(told, news), daemon=True).start()
    ask_at = 0.0
    with Live(console=console, auto_refresh=False) as live:
        while True:
            for each in _waiting(news):
                if isinstance(each, Failed):
                    raise each
                view.take(each)
                ask_at = 0.0
            if time.monotonic() >= ask_at:
                _ask(service, view)
                ask_at = time.monotonic() + ASK_EVERY_S
            live.update(view.draw(time.monotonic()), refresh=True)


def _ask(service: Service, view: View) -> None:
    try:
        view.stand(service.lines(), time.monotonic())
    except NoAnswer as failed:
        view.unasked(failed.faults[0])


def _gather(told: Iterator[Told], news: "SimpleQueue[Told | Failed]") -> None:
    try:
        for each in told:
            news.put(each)
    except Failed as failed:
        news.put(failed)


def _waiting(news: "SimpleQueue[Told | Failed]") -> Iterator[Told | Failed]:
    """All that is there, at least after DRAW_EVERY_S."""
    try:
        yield news.get(timeout=DRAW_EVERY_S)
        while True:
            yield news.get_nowait()
    except Empty:
        return
