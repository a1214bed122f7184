"""Runs of documents: awaited for a while by whoever began them, and told of later."""

import asyncio
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable
from typing import Any

from recorder.bridge.answers import Answer, failed_variables
from recorder.contract.faults import Refused, refused

log = logging.getLogger(__name__)

MOST_RUNS = 1000
KEPT_S = 3600.0  # after the end


class Run:
    """One document of one verb that runs, or ran."""

    def __init__(self, run_id: str, verb: str, answer: Awaitable[Answer]) -> None:
        self.id = run_id
        self._verb = verb
        self.began = time.time()
        self.ended: float | None = None
        self.task = asyncio.ensure_future(answer)
        self.task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Future[Answer]") -> None:
        self.ended = time.time()
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not isinstance(fault, Refused):
            log.error("run %s failed", self.id, exc_info=fault)

    def tell(self) -> dict[str, Any]:
        """How it stands: its variables once it has ended, and what ended it, if it failed."""
        told: dict[str, Any] = {"run_id": self.id, "state": "running", "began": self.began}
        if not self.task.done():
            return told
        told |= {"state": "ended", "ended": self.ended}
        fault = self.task.exception()
        if fault is None:
            return {**told, "variables": variables(self.task.result())}
        refusing = fault if isinstance(fault, Refused) else refused(500, "internal_error", "", "the log says more")
        told |= {"state": "failed", **refusing.to_json()}
        return {**told, "variables": failed_variables(self._verb)} if has_run(refusing) else told


class Runs:
    """The runs that live and those that ended within the hour."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Run] = OrderedDict()

    def begin(self, run_id: str, verb: str, answer: Awaitable[Answer]) -> Run:
        """Let a document run, whoever waits for it."""
        run = Run(run_id, verb, answer)
        self._runs[run.id] = run
        self._forget()
        return run

    def get(self, run_id: str) -> Run:
        """Raises Refused (404)."""
        run = self._runs.get(run_id)
        if run is None:
            raise refused(404, "not_found", "id", "there is no run of this id, or it ended over an hour ago")
        return run

    def check_room(self) -> None:
        """Raises Refused (503) when too many live."""
        self._forget()
        if len(self._runs) >= MOST_RUNS and all(run.ended is None for run in self._runs.values()):
            raise refused(503, "limit_reached", "", f"{MOST_RUNS} documents run: no more may")

    def _forget(self) -> None:
        """Let go of those that ended long ago, and of the oldest ended ones when there are too many."""
        ended = [run for run in self._runs.values() if run.ended is not None]
        surplus = len(self._runs) - MOST_RUNS
        for number, run in enumerate(ended):
            if number < surplus or (run.ended or 0.0) < time.time() - KEPT_S:
                del self._runs[run.id]


def new_run_id() -> str:
    """A UUID."""
    return str(uuid.uuid4())


def has_run(refusing: Refused) -> bool:
    """Whether a document was one, so that it was its verb that was refused."""
    return refusing.status != 422


def variables(answer: Answer) -> dict[str, Any]:
    """The out-variables of a document's one verb."""
    prefixes = ("record_", "stop_record_")
    return {name: value for name, value in answer.data.items() if name.startswith(prefixes)}
