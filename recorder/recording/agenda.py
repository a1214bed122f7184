"""What has been told and waits for its frame to be judged."""

from bisect import insort
from operator import itemgetter
from typing import Any, Self, TypeAlias

from recorder.recording.inputs import (
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    Waiting,
)
from recorder.recording.timers import NEVER

_Place: TypeAlias = tuple[int, int, str]  # frame, then what stands first there
_KINDS: dict[str, type[Waiting]] = {
    kind.__name__: kind
    for kind in (
        VoiceStarted,
        VoiceEnded,
        DigitHeard,
        DigitSent,
        GapFound,
        PauseAsked,
        ResumeAsked,
        StopAsked,
        CallEnded,
    )
}


def _place(frame: int, given: Waiting | None) -> _Place:
    """Ends in the order of their ties; digits by what they are, since which is told first is chance; then as told."""
    match given:
        case StopAsked():
            return frame, 0, ""
        case CallEnded():
            return frame, 1, ""
        case DigitHeard(digit):
            return frame, 2, digit + "heard"
        case DigitSent(digit):
            return frame, 2, digit + "sent"
    return frame, 3, ""


class Agenda:
    """Inputs by the frame at which they take effect; None is a frame at which to look at everything anew."""

    def __init__(self) -> None:
        self._entries: list[tuple[_Place, Waiting | None]] = []

    def add(self, frame: int, given: Waiting | None) -> None:
        """Put `given` down for `frame`."""
        insort(self._entries, (_place(frame, given), given), key=itemgetter(0))

    @property
    def next_frame(self) -> int:
        """The earliest frame with an entry, or NEVER."""
        return self._entries[0][0][0] if self._entries else NEVER

    @property
    def next_end(self) -> int:
        """The earliest frame at which a command ends the recording, or NEVER."""
        return next((place[0] for place, _ in self._entries if place[1] < 2), NEVER)

    def take(self, to: int = NEVER) -> list[Waiting]:
        """Take out what is put down for frames up to and with `to`, in order."""
        taken = [entry for entry in self._entries if entry[0][0] <= to]
        del self._entries[: len(taken)]
        return [given for _, given in taken if given is not None]

    def save(self) -> list[Any]:
        """As JSON; `load` takes it back."""
        return [
            [place[0], None if given is None else [type(given).__name__, *(getattr(given, f) for f in given.__slots__)]]
            for place, given in self._entries
        ]

    @classmethod
    def load(cls, saved: list[Any]) -> Self:
        """What `save` wrote."""
        agenda = cls()
        for frame, given in saved:
            agenda.add(frame, None if given is None else _KINDS[given[0]](*given[1:]))
        return agenda
