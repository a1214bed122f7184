"""The playback child: plays beeps and prompts to output devices when its parent says so.

Forked by the parent, with an empty job on stdin (children.py), then told:

    {"play": TOKEN, "alias": NAME, "tone": {"hz", "seconds", "dbfs", "rate"}} or {"play": ..., "file": PATH}
    {"stop": TOKEN}

and tells:

    {"ready": true}                                            once PortAudio is initialised
    {"started": TOKEN, "boottime_ns": N, "seconds": LENGTH}    when the first sample sounds
    {"ended": TOKEN, "boottime_ns": N}                         when the last one is over
    {"failed": TOKEN, "error": WHY}

It is apart from the capture children since opening and closing outputs can hang.
"""

import json
import logging
import os
import select
import time
from dataclasses import dataclass
from typing import Any

from recorder._capture import Playback, tone
from recorder._dsp import mix
from recorder.capture.process import Parent, leave
from recorder.capture.wavfile import WavSource

log = logging.getLogger(__name__)

LATENCY_S = 0.2
TICK_S = 0.01
LONGEST_S = 600.0  # of a file: it is held in memory


class PlayFailed(RuntimeError):
    """The sound can't be played; the message says why."""


def sound(request: dict[str, Any]) -> tuple[bytes, int]:
    """Mono s16le and its rate. Raise WavFault, OSError, ValueError or PlayFailed."""
    if "tone" in request:
        wanted = request["tone"]
        return tone(wanted["rate"], wanted["hz"], wanted["seconds"], wanted["dbfs"]), wanted["rate"]
    with WavSource(request["file"]) as wav:
        if wav.frames > LONGEST_S * wav.rate:
            raise PlayFailed(f"{wav.path}: longer than {LONGEST_S:g} s")
        pcm = wav.read(0, wav.frames)
        return (mix(pcm, 2, "both", stereo=False) if wav.channels == 2 else pcm), wav.rate


@dataclass
class Sounding:
    """One sound on its way out."""

    alias: str
    playback: Playback
    stream: Any
    seconds: float
    started: bool = False
    ended: bool = False


class Player:
    """All that sounds."""

    def __init__(self, parent: Parent) -> None:
        """Initialise PortAudio, by importing it."""
        from recorder.capture import streams  # noqa: PLC0415 # because it reads the ALSA configuration of the job

        self._streams = streams
        self._parent = parent
        self._sounding: dict[str, Sounding] = {}
        self._waiting: dict[str, dict[str, Any]] = {}  # what is to sound, by token
        self._behind: dict[str, set[str]] = {}  # on what it waits: sounds that keep its device busy
        self._outdated = False

    def run(self) -> None:
        """Serve until stdin closes, or a device can't be opened: only a new process sees one that is plugged in."""
        waiting = b""
        while self._sounding or self._waiting or not self._outdated:
            readable, _, _ = select.select([0], [], [], TICK_S if self._sounding or self._waiting else None)
            if readable:
                got = os.read(0, 65536)
                if not got:
                    return
                *lines, waiting = (waiting + got).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))
            for token, sounding in list(self._sounding.items()):
                self._tend(token, sounding)
            for request in list(self._waiting.values()):
                self._try(request)

    def _obey(self, request: dict[str, Any]) -> None:
        if "stop" not in request:
            self._waiting[request["play"]] = request
        elif (sounding := self._sounding.get(request["stop"])) is not None:
            sounding.playback.cut()
        elif self._waiting.pop(request["stop"], None) is not None:
            self._behind.pop(request["stop"], None)
            self._parent.tell(failed=request["stop"], error="it was stopped before it sounded")

    def _try(self, request: dict[str, Any]) -> None:
        """Let it sound, or fail; or go on waiting: most hardware is opened once, and by one, at a time."""
        token = request["play"]
        holders = {one for one, sounding in self._sounding.items() if sounding.alias == request["alias"]}
        if any(self._sounding[one].ended for one in holders) or holders & self._behind.get(token, set()):
            return
        try:
            self._sounding[token] = self._play(request)
        except self._streams.OpenFailed as fault:
            if holders:
                self._behind[token] = holders
                return
            self._parent.tell(failed=token, error=str(fault))
            self._outdated = True
        except (RuntimeError, OSError, ValueError) as fault:
            self._parent.tell(failed=token, error=str(fault))
        del self._waiting[token]
        self._behind.pop(token, None)

    def _play(self, request: dict[str, Any]) -> Sounding:
        pcm, rate = sound(request)
        outputs = self._streams.device_named(request["alias"])["max_output_channels"]
        playback = Playback(pcm, rate, min(max(outputs, 1), 2))
        stream = self._streams.start("output", request["alias"], playback, LATENCY_S, 0)
        return Sounding(request["alias"], playback, stream, len(pcm) / 2 / rate)

    def _tend(self, token: str, sounding: Sounding) -> None:
        playback = sounding.playback
        if playback.started_ns and not sounding.started:
            sounding.started = True
            sounding.stream.put_foremost()
            self._parent.tell(started=token, boottime_ns=playback.started_ns, seconds=sounding.seconds)
        over = playback.ended_ns and time.clock_gettime_ns(time.CLOCK_BOOTTIME) >= playback.ended_ns
        if over and not sounding.ended:
            sounding.ended = True
            self._parent.tell(ended=token, boottime_ns=playback.ended_ns)
        if playback.finished and (over or not playback.ended_ns):
            del self._sounding[token]
            if not sounding.ended:
                self._parent.tell(failed=token, error="the device stopped playing")
            sounding.stream.close()


def main() -> None:
    """Play what the parent asks for, until it closes the pipe."""
    parent = Parent()
    parent.job()
    try:
        player = Player(parent)
        parent.tell(ready=True)
        player.run()
    except BaseException:
        log.exception("the playback child fails")
        leave(1)
    leave(0)
