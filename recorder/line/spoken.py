"""When a line that records by voice begins to: its speech, heard as a recording with the line's defaults would."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from recorder.line.speech import Speech
from recorder.line.voice import Direction, VoiceHistory
from recorder.recording.states import EndReason

SENSITIVITY, DIRECTION = 44.0, "both"  # record_call's


class Begun(Protocol):
    """A recording, as far as it matters here."""

    end_frame: int
    end_reason: EndReason | None

    @property
    def id(self) -> str:
        """The recording_id."""


class Spoken:
    """Gives the frame of each first speech from line frame `since` on: behind the recording that the last one began."""

    def __init__(self, since: int = 0) -> None:
        self._from = since
        self._speaking: int | None = None  # since which frame
        self._speech: Speech | None = None
        self._judged_as: list[Any] = []
        self._recording = ""  # the id of the live one that speech began

    def hear(self, defaults: Mapping[str, object], rate: int, judged: int, voice: VoiceHistory) -> int | None:
        """The frame at which a recording is to begin; None: not now. Speech going on at the first frame is speech."""
        self._take_up(defaults, rate, judged)
        assert self._speech is not None
        for speaking, frame in self._speech.hear(voice):
            self._speaking = frame if speaking else None
        if self._recording or self._speaking is None or self._speech.known <= self._from:
            return None
        return max(self._speaking, self._from)

    def forget(self) -> None:
        """The line doesn't record by voice now."""
        self._speech, self._speaking, self._recording = None, None, ""

    def _take_up(self, defaults: Mapping[str, object], rate: int, judged: int) -> None:
        """Judge by the line's defaults as they are now."""
        wanted = [defaults.get("input_sensitivity", SENSITIVITY), defaults.get("direction", DIRECTION), rate]
        if self._speech is None or wanted != self._judged_as:
            self._judged_as, self._speaking, self._from = wanted, None, max(self._from, judged)
            self._speech = self._made(self._from)

    def _made(self, from_frame: int) -> Speech:
        sensitivity, direction, rate = self._judged_as
        return Speech(float(sensitivity), cast("Direction", direction), rate // 100, from_frame)

    def began(self, recording_id: str, frame: int) -> None:
        """That recording began by itself at `frame`."""
        self._recording, self._from = recording_id, frame

    def ended(self, recording: Begun) -> None:
        """It is over. Speech that goes on there begins the next only where the length was full."""
        if recording.id == self._recording:
            self._recording, self._from = "", max(self._from, recording.end_frame)
            if recording.end_reason is not EndReason.MAX_LENGTH:
                self._speaking = None

    def rest(self, until: int) -> None:
        """Begin nothing before that frame: the last try was refused."""
        self._recording, self._from, self._speaking = "", until, None

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "from": self._from,
            "speaking": self._speaking,
            "recording": self._recording,
            "judged_as": self._judged_as,
            "speech": None if self._speech is None else self._speech.save(),
        }

    @classmethod
    def load(cls, saved: Mapping[str, Any], voice: VoiceHistory) -> "Spoken":
        """What `save` wrote."""
        spoken = cls(saved["from"])
        spoken._speaking, spoken._recording = saved["speaking"], saved["recording"]
        spoken._judged_as = saved["judged_as"]
        if saved["speech"] is not None:
            spoken._speech = spoken._made(0)
            spoken._speech.load(saved["speech"], voice)
        return spoken
