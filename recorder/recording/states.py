"""The states of a recording and the one table of its transitions.

# What this is

A recording looks like a process: it waits for a beep, listens, pauses, times out. Built as one, it would be threads,
timers and races, and nobody could say on which frame it ends. Here it is a function instead. A `Machine` is given what
happened (inputs.py) and answers with what to do (actions.py). It knows no clock, no file and no thread, so it can be
tested in memory, saved in the middle of a word, and run again after a crash to the same end. The idea is that of
"sans-I/O" protocol libraries, which do the same for network protocols.

# Time is a number

The line's frame counter is the only time. An input says at which frame it happened, never "now". Two things follow.
Inputs may be late: a tone is recognised some 30 ms after it began. And they may be early: a command is stamped with
the frame that is being sampled, which the detectors have not heard yet.

So nothing is decided when it is told. `AudioJudged(to)` says that the line's detectors are done with every frame below
`to`: no voice change, digit or gap below it is still to come. Only then does the machine walk on to `to`. Whatever was
told waits in a list by frame; the running timers are frames at which they fall due. The walk goes from one such frame
to the next, and between two of them nothing changes. At each of them, in this order:

1. the first frame of the file makes it a recording;
2. what ends a recording here ends it. Of several ends at one frame the first in `EndReason` wins;
3. if nothing ended it, pauses, resumes, voice and gaps take effect, and the timers are set for what is now true.

A file thus grows only over judged frames, and what is in it is never taken back. And as the walk depends on frames
alone, it does not matter in how many pieces, or how late, the inputs came: the same inputs give the same actions, but
for where an append is cut in two.

# Two things can't wait

The end of the audio (the input ended, the device stayed away) and the end of the file (the writer failed, the service
had been dead for too long) are told when they are known, and end the recording at once: no frame will follow that
could still be judged. Before that, a lost device makes way for a command that was waiting for audio.

The writer works behind the machine's back, so it can fail, or come too late for some frames, after the machine has
ended. Its news is older than the end, whose frames it never wrote; so it is all that an ended machine still takes.

# The states

`beeping` and `waiting` come before the first frame and are never told: beeping as long as the end of the beep is not
known (so neither is the first frame), waiting until that frame has been judged. The others are the contract's. The
table below is all there is: it says which step leads where, and a step that is not in it can't happen. `ACCEPTS` says
which inputs a machine takes in which state; any other raises `IllegalInput` and changes nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from recorder.recording.inputs import (
    Abandoned,
    AudioJudged,
    AudioMissed,
    BeepEnded,
    BeepFailed,
    CallEnded,
    DigitHeard,
    DigitSent,
    GapFound,
    GraceExpired,
    Input,
    InputEnded,
    PauseAsked,
    ResumeAsked,
    StartRefused,
    StopAsked,
    VoiceEnded,
    VoiceStarted,
    WriterFailed,
)


class State(StrEnum):
    """Where a recording stands."""

    BEEPING = "beeping"
    WAITING = "waiting"
    RECORDING = "recording"
    PAUSED = "paused"
    FINISHED = "finished"
    NO_INPUT = "no_input"
    ERROR = "error"


class Step(StrEnum):
    """What moves a recording without ending it."""

    BEEP_ENDED = "beep ended"
    FIRST_FRAME = "first frame"
    PAUSE = "pause"
    RESUME = "resume"
    NOTHING_LEFT = "nothing left"  # picked up too late, and no audio on disk: told as interrupted


class EndReason(StrEnum):
    """Why a recording ended. Of several at one frame, the one that stands first here wins."""

    START_FAILED = "start_failed"
    DISK_FULL = "disk_full"
    WRITE_ERROR = "write_error"
    DEVICE_LOST = "device_lost"
    SHUTDOWN = "shutdown"
    INTERRUPTED = "interrupted"
    STOP_COMMAND = "stop_command"
    CALL_ENDED = "call_ended"
    TERMINATOR = "terminator"
    MAX_LENGTH = "max_length"
    END_SILENCE = "end_silence"
    INITIAL_TIMEOUT = "initial_timeout"


UNBEGUN = frozenset({State.BEEPING, State.WAITING})  # never told

Transitions: TypeAlias = dict[Step | EndReason, State]

_WHENEVER: Transitions = {
    EndReason.STOP_COMMAND: State.FINISHED,
    EndReason.CALL_ENDED: State.FINISHED,
    EndReason.SHUTDOWN: State.FINISHED,
    EndReason.INTERRUPTED: State.FINISHED,
    Step.NOTHING_LEFT: State.ERROR,
}
_UNBEGUN: Transitions = _WHENEVER | {EndReason.START_FAILED: State.ERROR}
_BEGUN: Transitions = _WHENEVER | {
    EndReason.MAX_LENGTH: State.FINISHED,
    EndReason.DEVICE_LOST: State.ERROR,
    EndReason.DISK_FULL: State.ERROR,
    EndReason.WRITE_ERROR: State.ERROR,
}
_WRITER_FAILED: Transitions = {
    EndReason.DISK_FULL: State.ERROR,
    EndReason.WRITE_ERROR: State.ERROR,
}

TABLE: Mapping[State, Transitions] = {
    State.BEEPING: _UNBEGUN | {Step.BEEP_ENDED: State.WAITING},
    State.WAITING: _UNBEGUN | {Step.FIRST_FRAME: State.RECORDING},
    State.RECORDING: _BEGUN
    | {
        Step.PAUSE: State.PAUSED,
        EndReason.TERMINATOR: State.FINISHED,
        EndReason.END_SILENCE: State.FINISHED,
        EndReason.INITIAL_TIMEOUT: State.NO_INPUT,
    },
    State.PAUSED: _BEGUN | {Step.RESUME: State.RECORDING},
    State.FINISHED: _WRITER_FAILED,
    State.NO_INPUT: _WRITER_FAILED,
    State.ERROR: _WRITER_FAILED,
}

_FROM_THE_LINE: frozenset[type[Input]] = frozenset(
    {AudioJudged, VoiceStarted, VoiceEnded, DigitHeard, GapFound, InputEnded, GraceExpired}
)
_FROM_OUTSIDE: frozenset[type[Input]] = frozenset({DigitSent, PauseAsked, ResumeAsked, StopAsked, CallEnded})
_FROM_THE_WRITER: frozenset[type[Input]] = frozenset({AudioMissed, WriterFailed})
_LIVE = _FROM_THE_LINE | _FROM_OUTSIDE | _FROM_THE_WRITER | {Abandoned}

ACCEPTS: Mapping[State, frozenset[type[Input]]] = {
    State.BEEPING: _LIVE | {BeepEnded, BeepFailed},
    State.WAITING: _LIVE | {StartRefused},
    State.RECORDING: _LIVE,
    State.PAUSED: _LIVE,
    State.FINISHED: _FROM_THE_WRITER,
    State.NO_INPUT: _FROM_THE_WRITER,
    State.ERROR: _FROM_THE_WRITER,
}
