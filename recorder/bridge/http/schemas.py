"""JSON Schema of what the HTTP door takes and gives, for /openapi.json."""

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

from recorder.bridge.http.routes import Reply
from recorder.contract.bounds import BEEP_INTERVAL_S, LONGEST_S, MOST_TERMINATORS
from recorder.contract.events import EndReason, State
from recorder.contract.ids import UUID_PATTERN
from recorder.contract.limits import FORMATS, WRITABLE
from recorder.contract.values import MOST_URL
from recorder.line.trouble import Kind
from recorder.store import deliveries

Schema: TypeAlias = Mapping[str, Any]

STATES = ("starting", *get_args(State))
END_REASONS = get_args(EndReason)


def ref(name: str) -> Schema:
    """A schema of COMPONENTS."""
    return {"$ref": f"#/components/schemas/{name}"}


def a_list(of: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": of}


def an_object(
    needed: Mapping[str, Schema], more: Mapping[str, Schema] | None = None, *, closed: bool = False
) -> Schema:
    """An object with these keys; `closed`: and no others."""
    schema = {"type": "object", "required": sorted(needed), "properties": {**needed, **(more or {})}}
    return {**schema, "additionalProperties": False} if closed else schema


LATEST_S = 253402300799  # the last second of the year 9999: behind it there are no dates
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
UNIX: Schema = {"type": "number", "description": "Unix seconds"}
SECONDS: Schema = {"type": "number", "minimum": 0, "maximum": LONGEST_S}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": (1 << 63) - 1}
UUID: Schema = {"type": "string", "pattern": f"^{UUID_PATTERN}$"}
LINE_ID: Schema = {"type": "string", "pattern": "^[a-z0-9-]{1,32}$"}
_PRINTABLE = r"^([^\p{C}\p{Z}]| )*$"  # as Unicode has it, of spaces the plain one alone
PRINTABLE: Schema = {"type": "string", "pattern": _PRINTABLE}
NAME: Schema = {**PRINTABLE, "minLength": 1, "maxLength": 128}
OWNER: Schema = {**PRINTABLE, "maxLength": 128}
CALL_ID: Schema = {"type": "string", "pattern": r"^[^\p{C}\p{Z}]*$", "minLength": 1, "maxLength": 128}
KEY_HEADER: Schema = {"type": "string", "pattern": "^[!-~]([ -~]{0,126}[!-~])?$"}
_URL = "^https?://[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}(:[1-9][0-9]{0,3})?(/[!#$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?$"
TIME: Schema = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": LATEST_S}, {"type": "string", "format": "date-time"}]
}

AUDIO: Schema = {
    "stereo": FLAG,
    "format": {"enum": [*WRITABLE]},
    "direction": {"enum": ["speak", "listen", "both"]},
    "terminators": {"type": "string", "pattern": "^[0-9A-Da-d*#]*$", "maxLength": MOST_TERMINATORS},
    "beep": FLAG,
    "input_sensitivity": {"type": "number", "minimum": 0, "maximum": 100},
    "initial_timeout": SECONDS,
    "end_silence_timeout": SECONDS,
    "max_length": SECONDS,
    "pre_roll": SECONDS,
    "beep_interval": {
        "anyOf": [{"const": 0}, {"type": "number", "minimum": BEEP_INTERVAL_S[0], "maximum": BEEP_INTERVAL_S[1]}]
    },
}
_BESIDE: Schema = {
    "control_id": NAME,
    "status_url": {"type": "string", "pattern": _URL, "maxLength": MOST_URL},
}
_IN_AUDIO = an_object({}, {**AUDIO}, closed=True)
_STEER = {"control_id": NAME}
PARAMS: Mapping[str, Schema] = {
    "record_call": an_object({}, {**AUDIO, **_BESIDE}, closed=True),
    "record": an_object({}, {**AUDIO, "status_url": _BESIDE["status_url"]}, closed=True),
    "calling.record": an_object(
        {}, {**_BESIDE, "audio": _IN_AUDIO, "record": an_object({}, {"audio": _IN_AUDIO}, closed=True)}, closed=True
    ),
    "calling.record.pause": an_object(_STEER, {"behavior": {"enum": ["skip", "silence"]}}, closed=True),
    "calling.record.resume": an_object(_STEER, closed=True),
    "calling.record.stop": an_object(_STEER, closed=True),
    "stop_record_call": an_object({}, _STEER, closed=True),
    "stop_call_record": an_object({}, _STEER, closed=True),
    "digit": an_object({"digit": {"type": "string", "pattern": "^[0-9A-Da-d*#]$"}}, closed=True),
    "call": an_object(
        {"call_id": CALL_ID, "state": {"enum": ["begin", "end"]}},
        {
            "project_id": OWNER,
            "space_id": OWNER,
            "metadata": {"type": "object", "propertyNames": PRINTABLE, "additionalProperties": PRINTABLE},
        },
        closed=True,
    ),
}
_VERBS = ("record_call", "record", "stop_record_call", "stop_call_record")
_ENVELOPE: Mapping[str, Schema] = {
    "command_id": NAME,
    "transaction": {
        "type": ["string", "number"],
        "maxLength": 256,
        "minimum": -(2**53),
        "maximum": 2**53,
        "pattern": _PRINTABLE,
    },
    "deadline": {"type": "number", "minimum": 0, "maximum": 1e11, "description": "Unix seconds"},
}


def _envelopes(named: Mapping[str, Schema], also: Mapping[str, Schema]) -> list[Schema]:
    return [
        an_object({"command": {"const": name}, **named}, {"params": params, **also, **_ENVELOPE}, closed=True)
        for name, params in PARAMS.items()
    ]


_VERB = {"oneOf": [an_object({verb: PARAMS[verb]}, closed=True) for verb in _VERBS]}
_SWML = an_object(
    {"sections": an_object({"main": {"type": "array", "items": _VERB, "minItems": 1, "maxItems": 1}}, closed=True)},
    {"version": {"const": "1.0.0"}},
    closed=True,
)
_FUNCTION_RESULT = an_object(
    {"action": {"type": "array", "minItems": 1, "maxItems": 1, "items": an_object({"SWML": _SWML}, closed=True)}},
    {"response": TEXT},
    closed=True,
)
_RECORDING = an_object(
    {
        "recording_id": UUID,
        "line": LINE_ID,
        "call_id": TEXT,
        "control_id": TEXT,
        "state": {"enum": [*STATES]},
        "format": {"enum": [*FORMATS]},
        "direction": AUDIO["direction"],
        "stereo": FLAG,
        "rate": COUNT,
        "channels": COUNT,
        "created_at": UNIX,
    },
    {
        "started_at": UNIX,
        "ended_at": UNIX,
        "duration": {"type": "number"},
        "size": COUNT,
        "end_reason": {"enum": [*END_REASONS]},
        "gaps": a_list(an_object({"start": {"type": "number"}, "duration": {"type": "number"}})),
        "recovered": FLAG,
        "project_id": TEXT,
        "parameters": {"type": "object"},
        "metadata": {"type": "object", "additionalProperties": TEXT},
        "url": TEXT,
        "erased_at": UNIX,
        "erased_why": TEXT,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "held": FLAG,
        "held_at": UNIX,
    },
    closed=True,
)
_SPAN = {"start": {"type": "number"}, "duration": {"type": "number"}}
_CHANNEL = an_object(
    {
        "party": AUDIO["direction"],
        "peaks": a_list({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
        "voice": a_list({"type": "integer", "minimum": 0, "maximum": 255}),
    },
    closed=True,
)
_TRACK = an_object(
    {
        "recording_id": UUID,
        "rate": COUNT,
        "frames": COUNT,
        "duration": {"type": "number"},
        "start": COUNT,
        "peaks_per_second": COUNT,
        "voice_per_second": COUNT,
        "channels": a_list(_CHANNEL),
        "digits": a_list(
            an_object({"at": {"type": "number"}, "digit": TEXT, "party": TEXT, "sent": FLAG}, closed=True)
        ),
        "pauses": a_list(an_object({**_SPAN, "behavior": {"enum": ["skip", "silence"]}}, closed=True)),
        "gaps": a_list(an_object(_SPAN, closed=True)),
    },
    closed=True,
)
_LIVE = an_object(
    {
        "control_id": TEXT,
        "recording_id": UUID,
        "state": TEXT,
        "since": UNIX,
        "format": TEXT,
        "direction": TEXT,
        "stereo": FLAG,
    }
)
_LINE = an_object(
    {
        "timestamp": UNIX,
        "line": LINE_ID,
        "call": {"anyOf": [{"type": "null"}, an_object({"call_id": TEXT, "since": UNIX})]},
        "recordings": a_list(_LIVE),
        "up": FLAG,
        "playback": FLAG,
    },
    {"rate": COUNT, "channels": COUNT},
)
_TROUBLE = an_object(
    {"trouble": {"enum": [*get_args(Kind)]}},
    {"party": {"enum": ["speak", "listen"]}, "hz": {"enum": [50, 60]}, "level_dbfs": {"type": "number"}},
    closed=True,
)
_SECONDS = {"type": "number", "minimum": 0}
_LINE_HEALTH = an_object(
    {
        "up": FLAG,
        "frames": COUNT,
        "gaps": COUNT,
        "gap_frames": COUNT,
        "level": {"type": "object"},
        "troubles": a_list(_TROUBLE),
    },
    {"ring_seconds": _SECONDS, "behind_seconds": _SECONDS, "drift_ppm": {"type": "number"}},
    closed=True,
)
_DISK = an_object({"free_bytes": COUNT, "free_hours": {"type": "number", "minimum": 0}}, {"fault": TEXT}, closed=True)
_STORED = an_object(
    {
        "id": UUID,
        "project_id": TEXT,
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
        "duration_in_seconds": COUNT,
        "byte_size": COUNT,
        "url": TEXT,
        "stereo": FLAG,
        "track": {"enum": ["inbound", "outbound", "both"]},
        "status": {"enum": ["recording", "paused", "completed", "absent", "failed"]},
        "error_code": TEXT,
        "price": {"const": 0},
        "price_unit": TEXT,
        "relay_sip_leg_id": TEXT,
    }
)
_DELIVERY = an_object(
    {
        "delivery": NUMBER,
        "state": {"enum": [*get_args(deliveries.State)]},
        "door": {"enum": [*get_args(deliveries.Door)]},
        "recording_id": UUID,
        "line": LINE_ID,
        "cursor": COUNT,
        "event_id": UUID,
        "attempts": COUNT,
    },
    {"url": TEXT, "last_error": TEXT, "next_at": UNIX, "settled_at": UNIX},
    closed=True,
)
_ERROR = an_object({"code": TEXT, "title": TEXT, "detail": TEXT, "status": TEXT, "attribute": TEXT})
_RUN = an_object(
    {"run_id": TEXT, "state": {"enum": ["running", "ended", "failed"]}, "began": UNIX},
    {"ended": UNIX, "variables": {"type": "object"}, "errors": a_list(ref("Error"))},
)
_CALL = an_object(
    {"id": TEXT, "status": {"enum": ["answered", "ended"]}, "type": {"const": "relay_sip_call"}, "project_id": TEXT},
    {"control_id": TEXT, "recording_id": TEXT, "url": TEXT, "state": TEXT},
)
_ANSWER = an_object(
    {"status": {"const": "ok"}, "code": {"const": 200}, "data": {"type": "object"}}, {"transaction": {}}
)

COMPONENTS: Mapping[str, Schema] = {
    "Command": {"oneOf": [*_envelopes({}, {"id": CALL_ID}), _VERB, _SWML]},
    "CallingCommand": {"oneOf": _envelopes({"id": CALL_ID}, {})},
    "Document": {"oneOf": [_SWML, _FUNCTION_RESULT]},
    "CommandAnswer": _ANSWER,
    "Run": _RUN,
    "Call": _CALL,
    "Line": _LINE,
    "Recording": _RECORDING,
    "Track": _TRACK,
    "StoredRecording": _STORED,
    "Delivery": _DELIVERY,
    "Event": {"type": "object"},
    "Error": _ERROR,
    "Errors": an_object({"errors": a_list(ref("Error"))}),
}
COMMAND, CALLING, DOCUMENT = ref("Command"), ref("CallingCommand"), ref("Document")
COMMAND_ANSWER, RUN, CALL, RECORDING, STORED = map(
    ref, ("CommandAnswer", "Run", "Call", "Recording", "StoredRecording")
)
TRACK = ref("Track")
LINES = an_object({"lines": a_list(ref("Line"))}, closed=True)
HEALTH = an_object({"lines": {"type": "object", "additionalProperties": _LINE_HEALTH}, "disk": _DISK}, closed=True)
_WAITING = an_object({"pending": COUNT, "given_up": COUNT}, {"oldest_seconds": _SECONDS}, closed=True)
STATUS = an_object(
    {
        "version": TEXT,
        "node_id": TEXT,
        "running_seconds": _SECONDS,
        "checks": {"type": "object", "additionalProperties": TEXT},
        "lines": {"type": "object", "additionalProperties": _LINE_HEALTH},
        "disk": _DISK,
        "deliveries": an_object(dict.fromkeys(get_args(deliveries.Door), _WAITING), closed=True),
    },
    closed=True,
)
RECORDINGS = an_object({"recordings": a_list(RECORDING)}, {"next": TEXT}, closed=True)
_LINKS = an_object({"self": TEXT, "first": TEXT}, {"next": TEXT, "prev": TEXT})
STORED_PAGE = an_object({"links": _LINKS, "data": a_list(STORED)}, closed=True)
DELIVERIES = an_object({"deliveries": a_list(ref("Delivery"))}, {"next": TEXT}, closed=True)
DELIVERY_AGAIN = an_object({"delivery": NUMBER, "state": {"const": "pending"}}, closed=True)
EVENTS = an_object(
    {"events": a_list(an_object({"cursor": COUNT, "event": ref("Event")}, closed=True)), "next": COUNT}, closed=True
)

_MEANINGS = {
    400: "not readable",
    401: "no valid token",
    403: "not allowed",
    404: "not found",
    405: "not this method",
    408: "too late",
    409: "conflict",
    410: "it has ended",
    413: "too large",
    415: "not this media type",
    416: "no such range",
    422: "parameters are wrong; every fault is named",
    429: "too many failed log-ins",
    503: "not now",
    507: "no room on the disk",
}
EVERYWHERE = (401, 403, 429)


def refusals(*statuses: int) -> dict[int, Reply]:
    """Replies that carry errors."""
    return {status: Reply(_MEANINGS[status], ref("Errors")) for status in statuses}
