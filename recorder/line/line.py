"""A line: what its ear hears goes to its live recordings, and what it is told goes to the journal first.

A line is a function of its audio and its inputs. `take` numbers an input, journals it and applies it; after a restart
`pick_up` loads the checkpoint, and the inputs that came after it are applied again as the audio reaches their frames.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recorder.contract.limits import Limits
from recorder.line.box import Box, LineSettings
from recorder.line.call import Call
from recorder.line.grace import Grace
from recorder.line.inputs import Kind, LineInput, asked
from recorder.line.live import LiveRecording
from recorder.line.order import Order
from recorder.line.preroll import PreRollMark
from recorder.line.recent import Recent
from recorder.line.reception import Reception
from recorder.line.replay import Replay
from recorder.line.source import LineSource
from recorder.line.speech import needed_block
from recorder.line.spoken import Spoken
from recorder.line.tones import OwnTones
from recorder.line.voice import VoiceHistory
from recorder.recording.inputs import (
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    GraceExpired,
    Input,
    InputEnded,
    StartRefused,
)
from recorder.recording.machine import Machine
from recorder.recording.plan import Plan
from recorder.recording.states import State

if TYPE_CHECKING:
    from recorder._dsp import Heard

log = logging.getLogger(__name__)


class Line:
    """One line of the box. Its methods belong to the event loop."""

    def __init__(self, settings: LineSettings, box: Box) -> None:
        self.settings = settings
        self.box = box
        self.source: LineSource | None = None  # where its audio stands, while it has any
        self.call: Call | None = None
        self.recordings: dict[str, LiveRecording] = {}  # until their last event is told
        self.number = 0  # of the input taken last
        self.judged = 0
        self._commanded = 0  # the frame of the latest command
        self.silent = False  # no frame came for a second
        self.ended = False  # a file that played to its end
        self.reception = Reception()
        self._voice = VoiceHistory(1)
        self._recent = Recent()
        self._mark = PreRollMark()
        self._tones = OwnTones()
        self._spoken = Spoken()
        self._replay = Replay()
        self._picked_up_at = 0  # where the audio stood then
        self._told = 0  # what is below was told to an earlier run
        self._grace = Grace(lambda: self.settings.device_grace_s, self._lose)

    @property
    def id(self) -> str:
        """The line's id."""
        return self.settings.id

    @property
    def limits(self) -> Limits:
        """What a recording may ask for now."""
        return replace(self.settings.limits, listen=self.source is not None and self.source.channels > 1)

    @property
    def is_up(self) -> bool:
        """Whether audio comes."""
        return self.source is not None and not self.silent and not self.ended

    @property
    def applied(self) -> int:
        """The number of the input applied last; after a restart, those behind it wait for the audio to reach them."""
        return self._replay.next_number - 1 if self._replay else self.number

    def live(self) -> list[LiveRecording]:
        """The recordings that have not ended, oldest first."""
        return [each for each in self.recordings.values() if not each.machine.ended]

    def held(self) -> set[str]:
        """The ids of the recordings that were picked up, or will be by an input that waits to be applied again."""
        return {*self.recordings, *self._replay.starts()}

    # The audio comes and goes.

    def attach(self, source: LineSource, first_frame: int) -> None:
        """Take audio from `source`, heard from `first_frame` on."""
        self.source = source
        self.judged = self._commanded = first_frame
        self._picked_up_at = self._told = 0
        self._voice = VoiceHistory(source.channels, first_frame * 100 // source.rate)
        self._recent, self._mark, self._tones = Recent(), PreRollMark(), OwnTones()
        self._spoken = Spoken(max(first_frame, source.head))
        self.silent = self.ended = False
        self.reception.begin()
        self._leave_made_up_call(0)

    def detach(self) -> None:
        """The source is gone for good: what lives on it ends."""
        self._grace.end()
        self._lose(self.judged)
        self.source = None
        self.reception.begin()

    def heard(self, heard: "Heard") -> None:
        """What the ear tells of this line, in order."""
        match heard:
            case ("audio", _, head, judged, first_block, blocks, digits):
                self._replay_to(head)
                self.reception.hear(first_block, blocks, is_recorded=bool(self.recordings))
                silenced = self._tones.silenced(first_block, (each[4::6] for each in blocks), self._rate // 100)
                wanted = [*(live.judged for live in self.live()), self._spoken.next_frame]
                self._voice.extend(first_block, silenced, needed_block(self._voice, wanted, self._rate))
                self._hear_digits(digits)
                self.judged = max(self.judged, judged)
                for live in list(self.recordings.values()):
                    live.judge(self.judged, self._voice)
                self._listen_for_speech()
            case ("hum", _, frame, parties):
                self.reception.hear_hum(frame * 5 // self._rate - 1, parties)
            case ("gap" | "lost", _, start, frames):
                self._replay_to(start)
                self._hear_gap(max(start, self._told), start + frames)
            case ("silent", _, head, boottime_ns):
                self._replay_to(None)
                self.silent = True
                log.warning("line %s: no audio since frame %d", self.id, head)
                self._grace.begin(head, boottime_ns)
            case ("back", _, _):
                self.silent = False
                self._grace.end()
                log.warning("line %s: audio is back", self.id)
            case ("ended", _, frame):
                self._replay_to(None)
                self.ended = True
                self._give_all(InputEnded(frame))
                self.call = None
                log.info("line %s: its file ended at frame %d", self.id, frame)

    # Inputs: numbered, journalled, applied.

    def frame_at(self, boottime_ns: int) -> int:
        """The frame of a command that arrived then; 0 without audio.

        It lies neither in what is decided already nor before an earlier command, as anchors are refined.
        """
        if self.source is None:
            return 0
        self._commanded = max(self.source.frame_at(boottime_ns), self.judged, self._commanded)
        return self._commanded

    def take(self, kind: Kind, frame: int, **body: Any) -> LineInput:
        """Journal an input and apply it."""
        assert self.source is not None
        self._replay_to(None)
        self.number += 1
        entry = LineInput(kind, frame, self.number, body)
        self.box.journal.take(self.id, self.source.epoch, entry)
        self._apply(entry)
        return entry

    def start(self, order: Order, frame: int, *, by_voice: bool = False, refused: str = "") -> LiveRecording:
        """Take the input that starts a recording, the line being up.

        `by_voice`: speech began it. `refused`: it was to begin by itself and can't, which is told at once.
        """
        assert self.source is not None
        rate, channels = self.source.rate, self.source.channels
        plan = order.plan(rate, self.settings)
        if refused:
            plan = replace(plan, beep=False)
        first = None if plan.beep else self._first_frame(plan, frame)
        body = {"order": order.save(), "plan": plan.save(), "first_frame": first, "rate": rate, "channels": channels}
        self.take("start", frame, **body, by_voice=by_voice, refused=refused)
        if plan.beep:
            self.box.sounds.beep(self.id, order.facts.recording_id)
        return self.recordings[order.facts.recording_id]

    def abandon(self, recording_id: str) -> None:
        """Undo a start that did not come into the journal: as if it had never been, no file, no event."""
        live = self.recordings.pop(recording_id, None)
        if live is None:
            return
        live.abandon()
        if self.call is not None and self.call.made_up and not self.recordings:
            self.call = None

    def _first_frame(self, plan: Plan, frame: int) -> int:
        assert self.source is not None
        return self._mark.first_frame(
            frame,
            plan.pre_roll,
            call_begin=0 if self.call is None or self.call.made_up else self.call.begin_frame,
            oldest=self.source.oldest,
            paused_now=any(live.pausing for live in self.live()),
        )

    def _apply(self, entry: LineInput) -> None:
        frame, body = entry.frame, entry.body
        match entry.kind:
            case "call_begin":
                self.call = Call.begun(frame, body, self.call)
                for each in self.live():
                    each.describe(self.call)
            case "call_end" | "call_over":
                if entry.kind == "call_end":
                    self._give_all(CallEnded(frame))
                self.call = None
                self._mark.raise_to(frame)
            case "start":
                self._start(frame, body)
            case "digit":
                sent = DigitSent(body["digit"], frame)
                self._recent.note_digit(sent, self._rate)
                self._give_all(sent)
            case "beep_started":
                self._sound(frame, frame + body["frames"])
            case "grace_expired":
                self._give_all(GraceExpired(frame))
            case "stop" | "pause" | "resume" | "beep_ended" | "beep_failed":
                live = self.recordings.get(body["recording_id"])
                if live is None or live.machine.ended:
                    return
                if entry.kind == "beep_ended":
                    live.end_beep(frame, self._voice)
                else:
                    live.give(asked(entry))

    def _start(self, frame: int, body: Mapping[str, Any]) -> None:
        assert self.source is not None
        order, plan = Order.load(body["order"]), Plan(**body["plan"])
        machine = Machine(plan, frame, body["first_frame"])
        live = LiveRecording(order, plan, machine, source=self.source, box=self.box, mark=self._mark, voice=self._voice)
        self._keep(live)
        if body.get("by_voice"):
            self._spoken.began(live.id, frame)
        if body.get("refused"):
            self._spoken.rest(frame, self._rate)
            live.give(StartRefused(body["refused"]))
            return
        first = frame if plan.beep else body["first_frame"]
        if not plan.beep:
            live.arm(first, frame)
        for earlier in self._recent.for_recording(first, frame, plan.same_press):
            live.give(earlier)

    def _keep(self, live: LiveRecording) -> None:
        self.recordings[live.id] = live
        live.over.add_done_callback(lambda _: self._forget(live))

    def _forget(self, live: LiveRecording) -> None:
        """A recording is over: so is a call that it had made up, unless another lives on."""
        self.recordings.pop(live.id, None)
        self._spoken.ended(live)
        self._leave_made_up_call(live.end_frame if live.source is self.source else 0)

    def _leave_made_up_call(self, frame: int) -> None:
        if self.call is not None and self.call.made_up and not self.recordings and self.source is not None:
            self.take("call_over", frame)

    def _give_all(self, happened: Input) -> None:
        for live in self.live():
            live.give(happened)

    # What is heard.

    @property
    def _rate(self) -> int:
        assert self.source is not None
        return self.source.rate

    def _hear_digits(self, digits: Iterable[tuple[int, str, str, int]]) -> None:
        """Key presses count on the speak channel, from their first frame."""
        for party, digit, frame in self._recent.fresh(digits, self._told, self._rate):
            if party == 0:
                pressed = DigitHeard(digit, frame)
                self._recent.note_digit(pressed, self._rate)
                self._give_all(pressed)
                continue
            for live in self.live():
                live.track.hear("listen", digit, frame)

    def _hear_gap(self, start: int, end: int) -> None:
        if start < end:
            self.reception.note_gap(start, end, self._rate // 100)
            self._recent.note_gap(GapFound(start, end - start))
            self._give_all(GapFound(start, end - start))

    def _listen_for_speech(self) -> None:
        """Where speech begins recordings, see whether one is to begin; not while what came before is applied again."""
        if self.settings.auto_record != "voice":
            self._spoken.forget()
            return
        known = self._spoken.decided(self.recordings, self.judged, self._rate)
        frame = self._spoken.hear(self.settings.defaults, self._rate, known, self._voice)
        if frame is not None and not self._replay and self.box.starter is not None:
            self.box.starter.speech_began(self.id, max(frame, self._mark.frame))

    def _sound(self, first: int, end: int) -> None:
        """One of our own tones sounds in these frames, some of which may have been heard already."""
        self._tones.add(first, end, self.judged)
        self._voice.silence(first * 100 // self._rate, -(-end * 100 // self._rate))

    def _lose(self, head: int) -> None:
        """The device stayed away for too long."""
        if self.live():
            self.take("grace_expired", head)

    # The checkpoint.

    def save(self) -> dict[str, Any]:
        """As JSON; `pick_up` takes it back. It holds once `settled` has returned."""
        return {
            "number": self.applied,
            "judged": self.judged,
            "voice": self._voice.save(),
            "recent": self._recent.save(),
            "mark": self._mark.frame,
            "tones": self._tones.spans,
            "spoken": self._spoken.save(),
            "call": None if self.call is None else self.call.save(),
            "recordings": [live.save() for live in self.live()],
        }

    async def settled(self) -> None:
        """Returns when all that was caused so far stands: audio with the operating system, inputs and ends on disk."""
        ending = [live.over for live in self.recordings.values() if live.machine.ended]
        await self.box.pool.flushed([live.id for live in self.live()])
        if ending:
            await asyncio.wait(ending)
        await self.box.journal.flushed()

    def pick_up(self, source: LineSource, state: Mapping[str, Any], entries: Iterable[LineInput]) -> None:
        """Be the line that wrote `state`; `entries` are its later inputs, applied as the audio reaches them.

        ValueError, LookupError, TypeError: it is no state that this version knows.
        """
        voice, recent = VoiceHistory.load(state["voice"]), Recent.load(state["recent"])
        tones = OwnTones([(first, end) for first, end in state["tones"]])
        call = None if state["call"] is None else Call.load(state["call"])
        self.attach(source, state["judged"])
        self._told, self._mark = state["judged"], PreRollMark(state["mark"])
        self._voice, self._recent, self._tones, self.call = voice, recent, tones, call
        self._spoken = Spoken.load(state["spoken"], voice) if "spoken" in state else Spoken(state["judged"])
        for saved in state["recordings"]:
            self._take_up(saved, source)
        self._replay = Replay(entries)
        self._picked_up_at = source.head
        self.number = max(state["number"], self._replay.highest)
        if not self._replay:
            self._go_on()

    def _take_up(self, saved: Mapping[str, Any], source: LineSource) -> None:
        """One that this version can't read is not live any more: it is closed with what is on the disk."""
        try:
            self._keep(LiveRecording.load(saved, source, self.box, self._mark, self._voice))
        except (ValueError, LookupError, TypeError):
            log.exception("line %s: a recording of the checkpoint can't be gone on with", self.id)

    @property
    def is_caught_up(self) -> bool:
        """Whether all is known again that was known when the line was picked up: what has ended since is not live."""
        far_enough = self._picked_up_at - self._rate // 4 if self.source is not None else 0
        return not self._replay and all(
            live.machine.judged >= far_enough or live.machine.state is State.BEEPING for live in self.live()
        )

    def _replay_to(self, frame: int | None) -> None:
        """Apply again what came before the audio up to `frame`; None: all that waits."""
        if not self._replay:
            return
        for entry in self._replay.due(frame):
            self._apply(entry)
        if not self._replay:
            self._go_on()

    def _go_on(self) -> None:
        """All is applied again. See to what a kill has cut off: a beep that sounded, and the end of a made-up call."""
        for live in self.live():
            if live.machine.state is State.BEEPING and not live.has_beeped:  # never record without the beep
                self.box.sounds.beep(self.id, live.id)
        self._leave_made_up_call(self._picked_up_at)
