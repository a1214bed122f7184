"""A recording's track as JSON tells of it: what docs/track.md says of the route."""

from operator import attrgetter
from pathlib import Path
from typing import Any

from recorder.writers.part import open_to_read
from recorder.writers.track import (
    DIGIT,
    GAP,
    HEAD_BYTES,
    MUTE,
    PEAKS_PER_S,
    SKIP,
    VOICE_PER_S,
    Mark,
    Second,
    TrackFault,
    TrackHead,
    seconds_of,
    track_path,
)

_place = attrgetter("at")
PARTIES = {"s": "speak", "l": "listen"}


def track_of(audio: Path, first_s: int, end_s: int) -> dict[str, Any] | None:
    """The track of the recording whose audio stands, or will, at `audio`: its seconds from `first_s` to `end_s`.

    None: there is none, or none that can be read. Blocks.
    """
    try:
        with open_to_read(track_path(audio)) as file:
            data = file.read()
        head = TrackHead.parse(data[:HEAD_BYTES])
    except (OSError, TrackFault):
        return None
    frames, told = 0, []
    for _, _, each in seconds_of(data, head):
        frames = each.second * head.rate + each.frames
        if first_s <= each.second < end_s:
            told.append(each)
    behind = max((each.second + 1 for each in told), default=first_s)
    marks = sorted((mark for each in told for mark in each.marks), key=_place)
    return {
        "recording_id": head.recording_id,
        "rate": head.rate,
        "frames": frames,
        "duration": frames / head.rate,
        "start": first_s,
        "peaks_per_second": PEAKS_PER_S,
        "voice_per_second": VOICE_PER_S,
        "channels": _channels(told, head, first_s, behind),
        "digits": [_digit(mark, head.rate) for mark in marks if mark.what.startswith(DIGIT)],
        "pauses": [_pause(mark, head.rate) for mark in sorted(_joined(marks, MUTE) + _those(marks, SKIP), key=_place)],
        "gaps": [_stretch(mark, head.rate) for mark in _joined(marks, GAP)],
    }


def _channels(told: list[Second], head: TrackHead, first_s: int, behind: int) -> list[dict[str, Any]]:
    """Each channel's peaks and voice; a second that is not in the track is silence."""
    channels: list[dict[str, Any]] = []
    at = {each.second: each for each in told}
    for number, party in enumerate(head.parties):
        found: dict[str, Any] = {"party": party, "peaks": [], "voice": []}
        for second in range(first_s, behind):
            each = at.get(second)
            peaks = [] if each is None else each.peaks_of(number, head)
            voice = b"" if each is None else each.voice_of(number, head)
            is_last = second == behind - 1
            found["peaks"] += [*peaks, *[(0, 0)] * (0 if is_last else PEAKS_PER_S - len(peaks))]
            found["voice"] += [*voice, *bytes(0 if is_last else VOICE_PER_S - len(voice))]
        channels.append(found)
    return channels


def _those(marks: list[Mark], what: str) -> list[Mark]:
    return [mark for mark in marks if mark.what == what]


def _joined(marks: list[Mark], what: str) -> list[Mark]:
    """Stretches that touch or overlap are one: each second tells of its own part."""
    joined: list[Mark] = []
    for mark in _those(marks, what):
        if joined and mark.at <= joined[-1].at + joined[-1].frames:
            end = max(joined[-1].at + joined[-1].frames, mark.at + mark.frames)
            joined[-1] = joined[-1]._replace(frames=end - joined[-1].at)
        else:
            joined.append(mark)
    return joined


def _stretch(mark: Mark, rate: int) -> dict[str, Any]:
    return {"start": mark.at / rate, "duration": mark.frames / rate}


def _pause(mark: Mark, rate: int) -> dict[str, Any]:
    return {**_stretch(mark, rate), "behavior": "silence" if mark.what == MUTE else "skip"}


def _digit(mark: Mark, rate: int) -> dict[str, Any]:
    digit, party, how = mark.what[1], mark.what[2], mark.what[3]
    return {"at": mark.at / rate, "digit": digit, "party": PARTIES.get(party, party), "sent": how == "s"}
