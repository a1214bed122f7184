"""The JSON file beside a recording: enough to catalogue it again when the database is lost."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recorder.writers.part import FILE_MODE
from recorder.writers.placing import NEW, put_in_place

HALF = f".json{NEW}"


def sidecar(
    final_event: Mapping[str, Any],
    parameters: Mapping[str, Any],
    metadata: Mapping[str, str],
    exp: int | None = None,
) -> dict[str, Any]:
    """Give what stands in a sidecar: the final event less its urls, all parameters, the call's metadata.

    `exp` is the expiry of the recording's link, Unix seconds, where it has one: with it the same link can be made
    again, without its signature standing here.
    """
    params = {key: value for key, value in final_event["params"].items() if key != "url"}
    if "record" in params:
        params["record"] = {key: value for key, value in params["record"].items() if key != "url"}
    event = {**final_event, "params": params}
    content = {"event": event, "parameters": dict(parameters), "metadata": dict(metadata)}
    return content if exp is None else {**content, "exp": exp}


def sidecar_path(audio: Path) -> Path:
    """Give the sidecar's place: beside the audio, `.json` for its suffix."""
    return audio.with_suffix(".json")


def half_path(audio: Path) -> Path:
    """Where the sidecar stands until it is whole."""
    return sidecar_path(audio).with_suffix(HALF)


def write_sidecar(audio: Path, content: Mapping[str, Any]) -> None:
    """Put the sidecar in its place, whole and synced, or not at all. The directory is the caller's to sync. OSError."""
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    put_in_place(sidecar_path(audio), text.encode("ascii"), FILE_MODE)
