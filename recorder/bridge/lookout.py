"""Looks at all lines, and tells each trouble when it begins and when it is over: to the log, and as a health event."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping

from recorder.line.line import Line
from recorder.line.trouble import Trouble

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
EVENT_TYPE = "recorder.line.health"


class Lookout:
    """Run it in the loop; `tell` gets each event as JSON. How lines stand at its first look is told to nobody."""

    def __init__(self, node_id: str, lines: Mapping[str, Line], tell: Callable[[str], None]) -> None:
        self._node_id = node_id
        self._lines = lines
        self._tell = tell
        self._known: dict[str, list[Trouble]] | None = None

    async def run(self) -> None:
        """Never returns."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Tell what is new. A line that was taken out is told of no more."""
        now = {name: troubles_of(line) for name, line in self._lines.items()}
        for name, found in now.items():
            known = found if self._known is None else self._known.get(name, [])
            ended = {each.name for each in known} - {each.name for each in found}
            began = {each.name for each in found} - {each.name for each in known}
            for trouble in [each for each in known if each.name in ended]:
                self._say(self._lines[name], trouble, is_over=True)
            for trouble in [each for each in found if each.name in began]:
                self._say(self._lines[name], trouble, is_over=False)
        self._known = now

    def _say(self, line: Line, trouble: Trouble, *, is_over: bool) -> None:
        params = {
            "node_id": self._node_id,
            "line": line.id,
            **facts_of(trouble),
            "state": "over" if is_over else "began",
            "recording_ids": [live.id for live in line.live()],
        }
        event = {
            "event_type": EVENT_TYPE,
            "event_channel": f"recorder:{self._node_id}/{line.id}",
            "timestamp": time.time(),
            "params": params,
        }
        if trouble.kind != "no_audio":  # which the line itself logs
            fields = {"line": line.id, "trouble": trouble.kind, "state": params["state"]}
            log.log(
                logging.INFO if is_over else logging.WARNING,
                "line %s: %s",
                line.id,
                f"{sentence(trouble)}, no more" if is_over else sentence(trouble),
                extra={"fields": fields},
            )
        self._tell(json.dumps(event))


def troubles_of(line: Line) -> list[Trouble]:
    """All that is wrong with a line: with its sound, while it has any. A file that has played to its end has none."""
    if line.ended:
        return []
    return line.reception.troubles if line.is_up else [Trouble("no_audio")]


def facts_of(trouble: Trouble) -> dict[str, str | int | float]:
    """A trouble as it is told: what does not belong to it is left out."""
    facts: dict[str, str | int | float] = {"trouble": trouble.kind}
    if trouble.party:
        facts["party"] = trouble.party
    if trouble.hz:
        facts |= {"hz": trouble.hz, "level_dbfs": trouble.level_dbfs}
    return facts


def sentence(trouble: Trouble) -> str:
    """A trouble for people."""
    if trouble.kind == "no_audio":
        return "no audio"
    if trouble.kind == "humming":
        return f"{trouble.party} hums at {trouble.hz} Hz, {trouble.level_dbfs:g} dBFS"
    return f"{trouble.party} is dead: nothing but zeros" if trouble.kind == "dead" else f"{trouble.party} clips"
