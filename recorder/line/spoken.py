"""When a line that records by voice begins to: its speech, heard as a recording with the line's defaults would."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from recorder.line.speech import Speech
from recorder.line.voice import VoiceHistory
from recorder.recording.states import EndReason
from recorder.recording.timers import NEVER

if TYPE_CHECKING:
    from recorder.contract.parameters import Direction

STEPS_PER_S = 10  # shorter than what a gate takes for speech and for silence, so that it begins or ends once in it
REFUSED_S = 60  # for so long speech begins no recording, after one that was refused
SENSITIVITY, DIRECTION = 44.0, "both"  # record_call's


class Begun(Protocol):
    """A recording, as far as it matters here."""

    end_frame: int
    end_reason: EndReason | None

    @property
    def id(self) -> str:
        """The recording_id."""

    @property
    def judged(self) -> int:
        """The frame below which it is decided."""


class Spoken:
    """Gives the frame of each first speech from line frame `since` on: behind the recording that the last one began."""

    def __init__(self, since: int = 0) -> None:
        self.recording = ""  # the id of the live one that speech began
        self._from = since
        self._goes_on = True  # speech that began before that frame counts there
        self._speaking: int | None = None  # since which frame
        self._speech: Speech | None = None
        self._judged_as: list[Any] = []

    @property
    def next_frame(self) -> int:
        """The frame whose voice it wants next; NEVER: it does not listen."""
        return NEVER if self._speech is None else self._speech.next_frame

    def decided(self, recordings: Mapping[str, Begun], judged: int, rate: int) -> int:
        """The frame below which it is known what speech may begin: that which the recording it began has come to."""
        begun = recordings.get(self.recording)
        if begun is not None and begun.end_reason is None:
            return min(begun.judged, judged)
        if begun is not None:
            self.ended(begun)
        elif self.recording:  # it could not be begun, or not be gone on with
            self.rest(judged, rate)
        return judged

    def hear(self, defaults: Mapping[str, object], rate: int, judged: int, voice: VoiceHistory) -> int | None:
        """The frame at which a recording is to begin; None: not now. It hears what is below `judged`, step by step.

        So the first speech is told, and what comes behind it is heard when that is done with.
        """
        self._take_up(defaults, rate, judged)
        assert self._speech is not None
        while True:
            frame = self._due()
            if frame is not None:
                return frame
            before = self._speech.next_frame
            for speaking, at in self._speech.hear(voice, min(judged, before + rate // STEPS_PER_S) * 100 // rate):
                self._speaking = at if speaking else None
            if self._speech.next_frame == before:
                return None

    def _due(self) -> int | None:
        if self.recording or self._speaking is None or self._speech is None or self._speech.known <= self._from:
            return None
        if self._speaking < self._from and not self._goes_on:
            return None
        return max(self._speaking, self._from)

    def forget(self) -> None:
        """The line doesn't record by voice now."""
        self._speech, self._speaking, self.recording = None, None, ""

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
        self.recording, self._from = recording_id, frame

    def ended(self, recording: Begun) -> None:
        """It is over. Speech that goes on there begins the next only where the length was full."""
        if recording.id == self.recording:
            self.recording, self._from = "", max(self._from, recording.end_frame)
            self._goes_on = recording.end_reason is EndReason.MAX_LENGTH

    def rest(self, frame: int, rate: int) -> None:
        """Begin nothing for a while: the try at that frame was refused."""
        self.recording, self._from, self._goes_on = "", frame + REFUSED_S * rate, True

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "from": self._from,
            "speaking": self._speaking,
            "recording": self.recording,
            "goes_on": self._goes_on,
            "judged_as": self._judged_as,
            "speech": None if self._speech is None else self._speech.save(),
        }

    @classmethod
    def load(cls, saved: Mapping[str, Any], voice: VoiceHistory) -> "Spoken":
        """What `save` wrote."""
        spoken = cls(saved["from"])
        spoken._speaking, spoken.recording = saved["speaking"], saved["recording"]
        spoken._goes_on = saved["goes_on"]
        spoken._judged_as = saved["judged_as"]
        if saved["speech"] is not None:
            spoken._speech = spoken._made(0)
            spoken._speech.load(saved["speech"], voice)
        return spoken
