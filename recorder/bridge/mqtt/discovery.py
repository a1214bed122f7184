"""What Home Assistant needs to show a line: one device, with its entities, in one retained message.

https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
"""

import json
from typing import Any

from recorder import __version__
from recorder.bridge.mqtt.topics import Topics

PREFIX = "homeassistant"
CONTROL_ID = "home-assistant"  # of the recordings that the switch begins
_RECORDS = "{{ 'ON' if value_json.recordings | selectattr('state', 'eq', 'recording') | list else 'OFF' }}"
_SWITCHED = (
    f"{{{{ 'ON' if value_json.recordings | selectattr('control_id', 'eq', '{CONTROL_ID}') | list else 'OFF' }}}}"
)
_STATES = ["idle", "call", "starting", "recording", "paused"]
_STATE = (
    "{{ value_json.recordings[-1].state if value_json.recordings"
    " else 'call' if value_json.call is not none else 'idle' }}"
)


def topic(topics: Topics, line: str) -> str:
    """Where the device of a line is announced. No id has a `_`, so no two devices have one name."""
    return f"{PREFIX}/device/{_device_id(topics, line)}/config"


def device(topics: Topics, line: str) -> dict[str, Any]:
    """The announcement."""
    own = _device_id(topics, line)
    components = {name: {"unique_id": f"{own}_{name}", **each} for name, each in _components(topics, line).items()}
    return {
        "device": {
            "identifiers": [own],
            "name": f"Recorder {topics.node_id} {line}",
            "model": "Call recorder",
            "sw_version": __version__,
        },
        "origin": {"name": "recorder", "sw_version": __version__},
        "availability_topic": topics.availability,
        "components": components,
    }


def _device_id(topics: Topics, line: str) -> str:
    return f"recorder_{topics.node_id}_{line}"


def _components(topics: Topics, line: str) -> dict[str, dict[str, Any]]:
    state, troubles = topics.of_line(line, "state"), f"value_json.lines['{line}'].troubles"
    return {
        "recording": {
            "platform": "binary_sensor",
            "name": "Recording",
            "device_class": "running",
            "state_topic": state,
            "value_template": _RECORDS,
        },
        "switch": {
            "platform": "switch",
            "name": "Record",
            "icon": "mdi:record-rec",
            "state_topic": state,
            "value_template": _SWITCHED,
            "command_topic": topics.of_line(line, "request"),
            "payload_on": json.dumps({"record_call": {"control_id": CONTROL_ID}}),
            "payload_off": json.dumps({"stop_record_call": {"control_id": CONTROL_ID}}),
            "state_on": "ON",
            "state_off": "OFF",
            "qos": 1,
        },
        "state": {
            "platform": "sensor",
            "name": "State",
            "device_class": "enum",
            "options": _STATES,
            "state_topic": state,
            "value_template": _STATE,
        },
        "trouble": {
            "platform": "binary_sensor",
            "name": "Trouble",
            "device_class": "problem",
            "entity_category": "diagnostic",
            "state_topic": topics.health,
            "value_template": f"{{{{ 'ON' if {troubles} else 'OFF' }}}}",
            "json_attributes_topic": topics.health,
            "json_attributes_template": f"{{{{ {{'troubles': {troubles}}} | tojson }}}}",
        },
        "level": _measured(
            topics,
            name="Level",
            unit_of_measurement="dBFS",
            value_template=f"{{{{ value_json.lines['{line}'].level.speak | default(none) }}}}",
        ),
        "free_disk": _measured(
            topics,
            name="Free disk",
            device_class="data_size",
            unit_of_measurement="B",
            value_template="{{ value_json.disk.free_bytes }}",
        ),
    }


def _measured(topics: Topics, **facts: str) -> dict[str, Any]:
    return {
        "platform": "sensor",
        "state_topic": topics.health,
        "state_class": "measurement",
        "entity_category": "diagnostic",
        **facts,
    }
