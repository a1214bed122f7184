"""One command and its answer, whatever comes of it: what the doors with a response object of their own share."""

import logging
from typing import Any

from recorder.bridge.answers import refusal
from recorder.bridge.desk import Desk
from recorder.contract.envelope import transaction_of
from recorder.contract.faults import Refused, refused
from recorder.contract.quoting import shown

log = logging.getLogger(__name__)


async def answer_to(desk: Desk, line: object, command: object, arrived_ns: int) -> dict[str, Any]:
    """The response object to a command that reached the box at that moment of CLOCK_BOOTTIME; raises nothing."""
    try:
        return (await desk.take(line, command, arrived_ns)).to_json()
    except Refused as refusing:
        return refusal(refusing, transaction_of(command))
    except Exception:
        log.exception("a command for line %s failed", shown(line))
        return refusal(refused(500, "internal_error", "", "the service's log says more"), transaction_of(command))
