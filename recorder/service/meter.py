"""What one sees on a terminal while a recording runs: its level, the time, and its state."""

import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

from recorder.service.display import FLOOR_DBFS

WIDTH = 40
DRAW_EVERY_S = 0.1


class Meter:
    """A live level meter under the events, on a terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live.start()
        self._drawn = 0.0
        self._loudest = FLOOR_DBFS

    def event(self, text: str) -> None:
        """Print it above the meter."""
        self._console.print(Text(text))

    def heard(self, level_dbfs: float, seconds: float, state: str) -> None:
        """Draw the loudest since last time, ten times a second."""
        self._loudest = max(self._loudest, level_dbfs)
        if time.monotonic() - self._drawn < DRAW_EVERY_S:
            return
        filled = round(WIDTH * (1 - self._loudest / FLOOR_DBFS))
        bar = "█" * filled + "·" * (WIDTH - filled)
        minutes, rest = divmod(seconds, 60)
        shown = f"{state:<10} {int(minutes):02d}:{rest:04.1f}  {bar} {self._loudest:6.1f} dBFS"
        self._live.update(Text(shown), refresh=True)
        self._drawn, self._loudest = time.monotonic(), FLOOR_DBFS

    def close(self) -> None:
        """Take the meter away."""
        self._live.stop()
