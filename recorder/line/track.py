"""What a recording's track tells, gathered from what its machine has done and what its line has heard.

Everything is put in the file's time and goes to the writers a second of the file at a time, once that second is whole.
So each record is written once, and a replay after a kill writes the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from recorder.contract.parameters import Direction
from recorder.line.voice import VoiceHistory
from recorder.recording.actions import Action, AppendFrames, AppendSilence, CloseFile, TellState
from recorder.recording.states import State
from recorder.writers.track import DIGIT, GAP, MUTE, SKIP, VOICE_PER_S, Mark, TrackHead, voice_slots
from recorder.writers.tracker import Stretch, TrackSecond

MOST_PENDING = 256  # digits whose frame is not in the file yet
_MISSING = "miss"  # silence in a track that began behind the file: no mark stands for it

# (the mark that silence gets, None for audio; first line frame, -1 for silence; frames)
_Run = tuple[str | None, int, int]


class TrackNotes:
    """The track of one recording, from file frame `begin` on. `emit` takes each second as it is whole."""

    def __init__(self, head: TrackHead, emit: Callable[[TrackSecond], None], begin: int = 0) -> None:
        self._rate = head.rate
        self._parties = head.parties
        self._direction: Direction = head.direction if head.channels == 1 else "both"
        self._emit = emit
        self._second, missing = divmod(begin, head.rate)
        self._frames = missing  # gathered of that second
        self._runs: list[_Run] = [(_MISSING, -1, missing)] if missing else []
        self._line_end = 0  # the line frame behind the last of a run
        self._digits: list[tuple[str, int]] = []  # mark, line frame; not in the file yet
        self._marks: list[Mark] = []  # found behind the last second that was emitted
        self._pause: tuple[str, int, int] | None = None  # behavior, file frame, line frame

    @property
    def _at(self) -> int:
        """Frames in the file."""
        return self._second * self._rate + self._frames

    def hear(self, party: Literal["speak", "listen"], digit: str, frame: int, *, sent: bool = False) -> None:
        """A digit at that frame of the line; it counts where the file holds its party."""
        if self._direction in (party, "both"):
            self._digits.append((f"{DIGIT}{digit}{party[0]}{'s' if sent else 'h'}", frame))
            del self._digits[:-MOST_PENDING]

    def miss(self, file_frame: int, frames: int) -> None:
        """The writer came too late for these and wrote silence."""
        self._marks.append(Mark(GAP, file_frame, frames))

    def follow(self, actions: Sequence[Action], voice: VoiceHistory) -> None:
        """The machine has said this; `voice` is complete up to what it appends."""
        for action in actions:
            match action:
                case AppendFrames(_, first, frames):
                    self._take((None, first, frames), voice)
                case AppendSilence(_, frames):
                    self._take((MUTE if self._pause else GAP, -1, frames), voice)
                case TellState():
                    self._change(action)
        if any(isinstance(action, CloseFile) for action in actions) and (self._frames or self._marks):
            self._write(voice)

    def _change(self, told: TellState) -> None:
        if self._pause is not None:
            behavior, at, since = self._pause
            self._pause = None
            if behavior == "skip":
                self._marks.append(Mark(SKIP, at, max(0, told.frame - since)))
        if told.state is State.PAUSED:
            self._pause = (told.pause_behavior or "skip", self._at, told.frame)

    def _take(self, run: _Run, voice: VoiceHistory) -> None:
        kind, first, frames = run
        while frames > 0:
            part = min(frames, self._rate - self._frames)
            self._join((kind, first, part))
            self._frames += part
            frames -= part
            if first >= 0:
                first += part
                self._line_end = first
            if self._frames == self._rate:
                self._write(voice)

    def _join(self, run: _Run) -> None:
        if self._runs:
            kind, first, frames = self._runs[-1]
            if kind == run[0] and (first < 0 or first + frames == run[1]):
                self._runs[-1] = (kind, first, frames + run[2])
                return
        self._runs.append(run)

    def _write(self, voice: VoiceHistory) -> None:
        """Give what is gathered to the writers."""
        stretches = tuple(Stretch(None if first < 0 else first, frames) for _, first, frames in self._runs)
        heard = b"".join(self._voice(voice, party) for party in self._parties)
        marks = tuple(sorted([*self._marks, *self._silences(), *self._pressed()], key=lambda mark: mark.at))
        self._emit(TrackSecond(self._second, stretches, heard, marks))
        self._second += 1
        self._frames = 0
        self._runs, self._marks = [], []
        self._digits = [each for each in self._digits if each[1] >= self._line_end]

    def _placed(self) -> Iterable[tuple[int, _Run]]:
        """The second's runs, each with its first frame in the file."""
        at = self._second * self._rate
        for run in self._runs:
            yield at, run
            at += run[2]

    def _voice(self, voice: VoiceHistory, party: Direction) -> bytes:
        """The party's speech probability for each 10 ms of the second: of the line's block in which its middle lies."""
        block = self._rate // VOICE_PER_S
        base, heard = self._second * self._rate, bytearray()
        for at, (_, first, frames) in self._placed():
            begin, end = (voice_slots(frame - base, self._rate) for frame in (at, at + frames))
            count = end - begin
            if first < 0 or count == 0:
                heard += bytes(count)
                continue
            wanted = (first + block // 2 - (at - base)) // block + begin
            known, values = voice.since(wanted, party)
            heard += (bytes(max(0, known - wanted)) + values + bytes(count))[:count]
        return bytes(heard)

    def _silences(self) -> Iterable[Mark]:
        for at, (kind, _, frames) in self._placed():
            if kind in (MUTE, GAP):
                yield Mark(kind, at, frames)

    def _pressed(self) -> Iterable[Mark]:
        for at, (kind, first, frames) in self._placed():
            if kind is None:
                for mark, frame in self._digits:
                    if first <= frame < first + frames:
                        yield Mark(mark, at + frame - first, 0)

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "at": self._at,
            "runs": list(self._runs),
            "line_end": self._line_end,
            "digits": list(self._digits),
            "marks": [[mark.what, mark.at, mark.frames] for mark in self._marks],
            "pause": self._pause,
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Be as the one that `save` told of."""
        self._second, self._frames = divmod(saved["at"], self._rate)
        self._runs = [(kind, first, frames) for kind, first, frames in saved["runs"]]
        self._line_end = saved["line_end"]
        self._digits = [(mark, frame) for mark, frame in saved["digits"]]
        self._marks = [Mark(what, at, frames) for what, at, frames in saved["marks"]]
        self._pause = None if saved["pause"] is None else (saved["pause"][0], saved["pause"][1], saved["pause"][2])
