"""A live recording: its machine, its gate, its file, and the telling of its states."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from recorder.contract.events import Ending, State, record_event
from recorder.contract.links import expiry
from recorder.line.box import Box
from recorder.line.call import Call
from recorder.line.order import Order
from recorder.line.preroll import PreRollMark
from recorder.line.source import LineSource
from recorder.line.speech import Speech
from recorder.line.tail import Tail
from recorder.line.track import TrackNotes
from recorder.line.voice import VoiceHistory
from recorder.recording.actions import (
    Action,
    AppendFrames,
    AppendSilence,
    CloseFile,
    CutBeep,
    OpenFile,
    SoundWarning,
    TellState,
)
from recorder.recording.inputs import (
    AudioJudged,
    AudioMissed,
    BeepEnded,
    DigitHeard,
    DigitSent,
    IllegalInput,
    Input,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    WriterFailed,
)
from recorder.recording.machine import Machine
from recorder.recording.plan import Plan, frames_of
from recorder.writers import formats
from recorder.writers.reports import Closed, Failed, Lost, Opened, Report, Sealed
from recorder.writers.sidecar import sidecar
from recorder.writers.source import Mixing
from recorder.writers.track import TrackHead
from recorder.writers.tracker import Tracker, TrackSecond
from recorder.writers.writer import Filing, Tags

if TYPE_CHECKING:
    from recorder.recording.states import EndReason

log = logging.getLogger(__name__)


class LiveRecording:
    """One recording, from its command until its last event is in the journal.

    `over` is done then, with that event. Inputs go through `give`, the audio's progress through `judge`, and what the
    writers report of its file through `report`.
    """

    def __init__(
        self,
        order: Order,
        plan: Plan,
        machine: Machine,
        *,
        source: LineSource,
        box: Box,
        mark: PreRollMark,
        voice: VoiceHistory,
    ) -> None:
        self.order = order
        self.plan = plan
        self.machine = machine
        self.pausing = False  # it is paused, or will be at a frame still to come
        self.stopping = False  # it will end at a frame that is not heard yet
        self.end_frame = 0  # the line frame behind its last; 0 while it lives
        self.end_reason: EndReason | None = None  # None while it lives
        self.since = time.time()  # Unix s of the state told last
        self.state = "starting"  # the state told last
        self.over: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.source = source
        self._box = box
        self._mark = mark
        self._voice = voice
        self._mixing = Mixing(source.channels, order.parameters.direction, order.parameters.stereo)
        self._head = TrackHead.of(self.id, source.rate, self._mixing)
        self.track = TrackNotes(self._head, self._write_track, machine.frames)
        self._speech: Speech | None = None
        self._first: int | None = None  # the first frame in the file; None while the beep sounds
        self._armed: int | None = None  # the frame from which voice counts
        self._start_time = 0.0  # Unix s of the first frame in the file; 0: no file was asked for yet
        self._opened = False  # the file is there
        self._late_beep: int | None = None  # its end, told when frames behind it were judged, and not yet passed on
        self._end: TellState | None = None
        self._closing = False  # the file was asked to end
        self._closed: Closed | None = None
        self._tail = Tail(frames_of(formats.run_up_s(order.parameters.format), source.rate))

    @property
    def id(self) -> str:
        """The recording_id."""
        return self.order.facts.recording_id

    @property
    def judged(self) -> int:
        """The frame of the line below which it is decided."""
        return max(self.machine.judged, self._first or 0)

    @property
    def has_beeped(self) -> bool:
        """The end of its beep is known, or it has none."""
        return self._first is not None

    def describe(self, call: Call) -> None:
        """Keep what its call carries from now on, if it is this one."""
        if call.call_id == self.order.facts.call_id:
            self.order = replace(self.order, metadata=dict(call.metadata))

    def arm(self, first: int, armed: int) -> None:
        """The file's first frame is `first`; from `armed` on, voice and digits count."""
        self._first, self._armed = first, armed

    def give(self, happened: Input) -> None:
        """Let the machine know, and do what it says."""
        try:
            actions = self.machine.handle(happened)
        except IllegalInput:  # a fault of ours, which must not stop the line's other recordings
            log.exception("recording %s", self.id)
            return
        self.track.follow(actions, self._voice)
        match happened:
            case DigitHeard(digit, frame):
                self.track.hear("speak", digit, frame)
            case DigitSent(digit, frame):
                self.track.hear("speak", digit, frame, sent=True)
            case PauseAsked():
                self.pausing = True
            case ResumeAsked(frame) if self.pausing:
                self.pausing = False
                self._mark.raise_to(frame)
            case StopAsked():
                self.stopping = True
        for action in actions:
            self._perform(action)

    def end_beep(self, frame: int, voice: VoiceHistory) -> None:
        """The beep is over, and `frame` the first of the file; what was said since then is known before anything is."""
        self.arm(frame, frame)
        self._listen(voice)
        if frame < self.machine.judged:  # it is recording at once, and first there must be a file
            self._late_beep = frame
            self._open_file()
        else:
            self.give(BeepEnded(frame))

    def judge(self, to: int, voice: VoiceHistory) -> None:
        """Every digit and gap below `to` has been given, and `voice` is complete up to it: move on."""
        if self.machine.ended:
            return
        known = self._listen(voice)
        if known is not None:
            to = min(to, known)
        if not self._opened and self._first is not None:
            # Nothing is told of a recording before its file is there: one that can't be made never began.
            to = min(to, self._first)
            if not self._start_time:
                self._open_file()
                self.give(AudioJudged(max(to, self.machine.judged)))
        if self._opened and self._late_beep is not None:
            self.give(BeepEnded(self._late_beep))
            self._late_beep = None
        if not self.machine.ended and to > self.machine.judged:
            self.give(AudioJudged(to))

    def abandon(self) -> None:
        """It was never begun: nothing is kept of it, and nothing told any more."""
        if self.machine.ended:
            return
        if self._start_time:
            self._box.pool.perform(self.id, CloseFile(0, keep=False))
        elif self.plan.beep:
            self._box.sounds.cut(self.order.facts.line, self.id)

    def report(self, report: Report) -> None:
        """Take what the writers tell of the file."""
        match report:
            case Opened():
                self._opened = True
                self._box.journal.opened(self.id, str(report.path), self._start_time)
            case Lost():
                self.track.miss(report.file_frame, report.frames)
                if not self.machine.ended:
                    self.give(AudioMissed(report.file_frame, report.frames))
            case Failed():
                # What was picked up may be ahead in the file of where the machine is.
                self.give(WriterFailed(report.reason, report.message, min(report.frames, self.machine.frames)))
            case Closed():
                self._closed = report
                self._settle()
            case Sealed():
                self._conclude()

    def _listen(self, voice: VoiceHistory) -> int | None:
        """Tell the machine how the voice changed; give the frame below which all is told, None if it doesn't matter."""
        if self._armed is None or not (self.plan.initial_timeout or self.plan.end_silence):
            return None
        if self._speech is None:
            self._speech = self._listening(self._armed)
        for speaking, frame in self._speech.hear(voice):
            self.give(VoiceStarted(frame) if speaking else VoiceEnded(frame))
        return self._speech.known

    def _listening(self, from_frame: int) -> Speech:
        wanted = self.order.parameters
        return Speech(wanted.input_sensitivity, wanted.direction, self.source.rate // 100, from_frame)

    def _perform(self, action: Action) -> None:
        match action:
            case OpenFile():
                pass  # it is asked for as soon as its first frame, and so its place, is known
            case AppendFrames() | AppendSilence():
                self._tail.put(action)
                self._box.pool.perform(self.id, action)
            case CloseFile():
                # Asked once: where it then fails, the machine ends it again, but the writer knows and answers once.
                if self._start_time and not self._closing:  # but for a beep that was cut there is a file
                    self._closing = True
                    self._box.pool.perform(self.id, action)
            case TellState(ending=None):
                self._tell(action)
            case TellState(ending=ending):
                assert ending is not None
                self._end, self.end_frame, self.end_reason = action, ending.end_frame, ending.reason
                if self.pausing:
                    self._mark.raise_to(action.frame)
                if not self._start_time:  # there never was a file to wait for
                    self._conclude()
            case SoundWarning():
                self._box.sounds.warn(self.order.facts.line, action.frame)
            case CutBeep():
                self._box.sounds.cut(self.order.facts.line, self.id)

    def _open_file(self) -> None:
        """Take the file to the pool. Its place hangs on the time of its first frame, unknown until the beep is over."""
        assert self._first is not None
        self._start_time = self.source.time_of(self._first)[1] / 1e9
        self._take_file()

    def _take_file(self) -> None:
        facts, plan, mixing = self.order.facts, self.plan, self._mixing
        filing = Filing(
            path=self._box.place(self.id, self._start_time, facts.format),
            rate=self.source.rate,
            channels=mixing.channels,
            most_frames=min(plan.max_length or plan.cap, plan.cap),
            root=self._box.root,
            resume=self._box.root is not None,
            tags=Tags(self.id, facts.call_id, self._start_time),
            codecs=self._box.codecs,
        )
        writer = formats.writer(facts.format, filing)
        tracker = None if filing.root is None else Tracker(filing.path, self._head, self.source, mixing)
        self._box.pool.add(self.id, writer, self.source, mixing, tracker, resume=filing.resume)
        self._box.pool.perform(self.id, OpenFile())

    def _write_track(self, second: TrackSecond) -> None:
        if self._start_time and self._box.root is not None:
            self._box.pool.perform(self.id, second)

    def _tell(self, told: TellState) -> None:
        self.state, self.since = told.state.value, time.time()
        self._box.journal.tell(self._event(told))

    def _settle(self) -> None:
        """The file has its last byte: name it, or there is none to name."""
        assert self._end is not None
        assert self._closed is not None
        if self._closed.path is None:
            self._conclude()
            return
        parameters = self.order.save()["parameters"]
        event, exp = self._event(self._end), expiry(self.order.facts.url)
        beside = sidecar(event, parameters, self.order.metadata, exp) if self._box.root else None
        self._box.pool.seal(self.id, beside, replace=self._box.replace)

    def _conclude(self) -> None:
        """All is where it belongs: tell the end."""
        if self._end is None or self.over.done():
            return
        self.state, self.since = self._end.state.value, time.time()
        event = self._event(self._end)
        self._box.journal.tell(event)
        self.over.set_result(event)

    def _event(self, told: TellState) -> dict[str, Any]:
        return record_event(
            self.order.facts,
            seq=told.seq,
            state=cast("State", told.state.value),
            timestamp=time.time(),
            clock_synced=self._box.clock_synced(),
            pause_behavior=told.pause_behavior,
            ending=self._ending(told),
        )

    def _ending(self, told: TellState) -> Ending | None:
        """The machine's ending in the contract's words: seconds, Unix times, and what the writers know of the file."""
        if told.ending is None:
            return None
        end, rate, time_of = told.ending, self.source.rate, self.source.time_of
        closed = self._closed if end.kept else None  # a file that went away at the last moment is not kept
        start = self._start_time or time_of(end.first_frame)[1] / 1e9
        # By the clock that nobody sets: a step of the wall clock meanwhile makes no recording longer or shorter.
        lived = (time_of(end.end_frame)[0] - time_of(end.first_frame)[0]) / 1e9
        return Ending(
            end_reason=end.reason.value,
            duration=end.frames / rate,
            size=closed.size if closed else 0,
            start_time=start,
            end_time=start + lived,
            kept=closed is not None and closed.path is not None,
            digit=end.digit,
            gaps=[(first / rate, frames / rate) for first, frames in end.gaps.first],
            gap_count=end.gaps.count,
            gap_seconds=end.gaps.frames / rate,
            message=end.message or "",
        )

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back. Only of one whose machine has not ended."""
        return {
            "order": self.order.save(),
            "plan": self.plan.save(),
            "machine": self.machine.save(),
            **({"gate": None} if self._speech is None else self._speech.save()),
            "first": self._first,
            "armed": self._armed,
            "late_beep": self._late_beep,
            "start_time": self._start_time,
            "pausing": self.pausing,
            "state": self.state,
            "since": self.since,
            "tail": self._tail.save(),
            "track": self.track.save(),
        }

    @classmethod
    def load(
        cls, state: Mapping[str, Any], source: LineSource, box: Box, mark: PreRollMark, voice: VoiceHistory
    ) -> "LiveRecording":
        """The recording as it was saved, with its file taken up again."""
        order, plan = Order.load(state["order"]), Plan(**state["plan"])
        live = cls(order, plan, Machine.load(state["machine"]), source=source, box=box, mark=mark, voice=voice)
        if state["gate"] is not None:
            live._speech = live._listening(0)
            live._speech.load(state, voice)
        live._first, live._armed, live._start_time = state["first"], state["armed"], state["start_time"]
        live.pausing, live.state, live.since = state["pausing"], state["state"], state["since"]
        if "track" in state:
            live.track.load(state["track"])
        live._late_beep = state.get("late_beep")
        if live._start_time:
            live._opened = True  # if it can't be taken up, the writers say so
            live._take_file()
            live._tail = Tail.load(live._tail.frames, state.get("tail", ()))
            for piece in live._tail.pieces:
                box.pool.perform(live.id, piece)
        return live
