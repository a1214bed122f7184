"""A machine under test, with what came of it: the file by its frames, the states told, the rest in order."""

import json
from dataclasses import dataclass, field, replace

from recorder.recording.actions import (
    Action,
    AppendFrames,
    AppendSilence,
    CloseFile,
    CutBeep,
    Ending,
    OpenFile,
    SoundWarning,
    TellState,
)
from recorder.recording.inputs import Input
from recorder.recording.machine import Machine
from recorder.recording.plan import Plan

# In tests a frame is a millisecond.
PLAN = Plan(cap=1_000_000, lead=5, same_press=500)


@dataclass
class Tape:
    """Gives inputs to a machine and carries out its actions on a list: a line frame, or None for silence, a frame."""

    machine: Machine
    file: list[int | None] = field(default_factory=list)
    told: list[TellState] = field(default_factory=list)
    warnings: list[int] = field(default_factory=list)
    others: list[Action] = field(default_factory=list)

    @classmethod
    def of(cls, command: int = 100, first: int | None = None, **asked: object) -> "Tape":
        return cls(Machine(replace(PLAN, **asked), command, first))

    def give(self, *inputs: Input) -> "Tape":
        for given in inputs:
            for action in self.machine.handle(given):
                self._do(action)
        return self

    def _do(self, action: Action) -> None:
        match action:
            case AppendFrames(file_frame, first, frames):
                assert frames > 0
                assert file_frame == len(self.file)
                self.file += range(first, first + frames)
            case AppendSilence(file_frame, frames):
                assert frames > 0
                assert file_frame == len(self.file)
                self.file += [None] * frames
            case TellState():
                self.told.append(action)
            case SoundWarning(frame):
                self.warnings.append(frame)
            case OpenFile() | CloseFile() | CutBeep():
                self.others.append(action)

    def saved_and_loaded(self) -> "Tape":
        self.machine = Machine.load(json.loads(json.dumps(self.machine.save())))
        return self

    @property
    def states(self) -> list[tuple[str, int]]:
        """What was told: (state, frame)."""
        assert [told.seq for told in self.told] == list(range(len(self.told)))
        return [(told.state.value, told.frame) for told in self.told]

    @property
    def ending(self) -> Ending:
        ending = self.told[-1].ending
        assert ending is not None
        return ending
