"""What commands are answered with, the same at every door."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recorder.contract.faults import Refused
from recorder.line.live import LiveRecording


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a command that was carried out."""

    data: Mapping[str, Any]
    transaction: str | float | None = None
    code: int = 200

    def to_json(self) -> dict[str, Any]:
        """The contract's response object."""
        echo = {} if self.transaction is None else {"transaction": self.transaction}
        return {**echo, "status": "ok", "code": self.code, "data": dict(self.data)}


def refusal(refused: Refused, transaction: object = None) -> dict[str, Any]:
    """The response object of a command that was refused."""
    echo = {} if transaction is None else {"transaction": transaction}
    return {**echo, "status": "error", "code": refused.status, **refused.to_json()}


def answer_bytes(answer: Mapping[str, Any]) -> bytes:
    """A response object as it goes out at every door: compact JSON, UTF-8."""
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def of_live(live: LiveRecording) -> dict[str, Any]:
    """How a live recording stands by what was asked of it, though it is told when the audio gets there."""
    facts = live.order.facts
    told = {
        "call_id": facts.call_id,
        "control_id": facts.control_id,
        "recording_id": facts.recording_id,
        "state": "paused" if live.pausing else "recording",
    }
    return told if facts.url is None else {**told, "url": facts.url}


def of_ended(event: Mapping[str, Any]) -> dict[str, Any]:
    """The final data of a recording, out of its last event."""
    names = ("call_id", "control_id", "recording_id", "state", "url", "record", "duration", "size", "end_reason")
    return {name: event["params"][name] for name in names if name in event["params"]}


def record_call_variables(live: LiveRecording) -> dict[str, Any]:
    """What `record_call` sets in a document."""
    facts = live.order.facts
    out = {"record_call_result": "success", "record_control_id": facts.control_id}
    return out if facts.url is None else {"record_call_url": facts.url, **out}


def record_variables(event: Mapping[str, Any]) -> dict[str, Any]:
    """What `record`, which waits for the end, sets in a document."""
    params = event["params"]
    out = {"record_result": "success" if params["state"] == "finished" else "failed"}
    return {"record_url": params["url"], **out} if "url" in params else out


def failed_variables(verb: str) -> dict[str, str]:
    """What a document's verb sets that could not do its work."""
    name = "stop_record_call" if verb == "stop_call_record" else verb
    return {f"{name}_result": "failed"}
