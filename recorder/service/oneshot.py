"""`recorder record`: one line, one recording, one file; the same line code as the service, with nothing kept."""

import asyncio
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from recorder._dsp import Ear
from recorder.config.model import Config
from recorder.contract.events import RecordingFacts, event_bytes
from recorder.contract.ids import new_recording_id, node_id_of
from recorder.line.box import Box, LineSettings, Sounds
from recorder.line.inputs import LineInput
from recorder.line.line import Line
from recorder.line.live import LiveRecording
from recorder.line.order import Order
from recorder.line.source import LineSource
from recorder.service import clock
from recorder.service.captured import Captured, NoAudio
from recorder.service.display import Display, Lines, level_dbfs
from recorder.service.lines import spec_of
from recorder.service.listening import Listening
from recorder.service.oneshot_request import OneShot
from recorder.service.output import unwritable
from recorder.service.pulled import PulledFile
from recorder.service.sounds import CaptureSounds
from recorder.writers.layout import part_of
from recorder.writers.pool import WriterPool
from recorder.writers.reports import Report
from recorder.writers.sync import SyncThread

if TYPE_CHECKING:
    from recorder._dsp import Heard

FINISHED, ENDED_AS_ERROR, NO_SPEECH = 0, 1, 2  # as recorder.cli.exits names them
PIECE_S = 1  # of a file that is pulled
BREATHE_EVERY = 10  # pieces: then the writers catch up


def run(request: OneShot) -> int:
    """Record; the exit status, as recorder.cli.exits names it."""
    why = unwritable(request.output, overwrite=request.overwrite)
    if why is not None:
        sys.stderr.write(f"recorder record: {why}\n")
        return os.EX_CANTCREAT
    if request.parameters.status_url is not None:
        sys.stderr.write("recorder record: --status-url is posted to by the service only; the events stand on stdout\n")
    if request.overwrite:
        part_of(request.output).unlink(missing_ok=True)
    display = display_for(terminal=sys.stdout.isatty())
    try:
        return asyncio.run(Shot(request, display).run())
    except NoAudio as fault:
        sys.stderr.write(f"recorder record: INPUT: {fault}\n")
        return os.EX_NOINPUT
    finally:
        display.close()


def display_for(*, terminal: bool) -> Display:
    """A meter for people, JSON lines for programs, which need not wait for what draws the meter to load."""
    if not terminal:
        return Lines()
    meter: Display = import_module("recorder.service.meter").Meter()
    return meter


class Told:
    """The Journal of a one-shot recording: it shows the events and keeps nothing."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def take(self, line: str, epoch: int, entry: LineInput) -> None:
        """Nothing is taken up again."""

    def opened(self, recording_id: str, path: str, start_time: float) -> None:
        """The caller said where the file stands."""

    def tell(self, payload: Mapping[str, Any]) -> None:
        """Show the event."""
        self._display.event(event_bytes(dict(payload)).decode())

    def forget(self, line: str, number: int) -> None:
        """Nothing was kept."""

    async def flushed(self) -> None:
        """Nothing waits."""


class Silence:
    """The Sounds of a line that can't be played to: its parameters ask for none."""

    def beep(self, line: str, recording_id: str) -> None:
        """Refused before."""
        raise AssertionError(f"{line} has no playback device for {recording_id}")

    def cut(self, line: str, recording_id: str) -> None:
        """Nothing sounds."""

    def warn(self, line: str, frame: int) -> None:
        """Nothing sounds."""


class Shot:
    """One recording, from its input to its file."""

    def __init__(self, request: OneShot, display: Display) -> None:
        self._request = request
        self._display = display
        self._live: LiveRecording | None = None

    async def run(self) -> int:
        """Record until it ends or a signal says stop."""
        pool = WriterPool(self._report)
        sync = SyncThread(pool.growing, pool.check, pool.has_flushed)
        sync.start()
        try:
            event = await (self._pull(pool) if self._request.pace == "max" else self._follow(pool))
        finally:
            await pool.close()
            await asyncio.to_thread(sync.stop)
        return {"finished": FINISHED, "no_input": NO_SPEECH}.get(event["params"]["state"], ENDED_AS_ERROR)

    def _report(self, report: Report) -> None:
        if self._live is not None:
            self._live.report(report)

    async def _pull(self, pool: WriterPool) -> dict[str, Any]:
        """A file as fast as it goes."""
        config = self._request.line
        source = PulledFile(
            config.device.removeprefix("file:"), config.speak, config.listen_channel(config.channels or 1)
        )
        line = self._line(pool, Silence())
        live = self._start(line, source)
        ear = Ear(source.rate, source.channels)
        at = pieces = 0
        while at < source.head and not live.machine.ended:
            frames = min(PIECE_S * source.rate, source.head - at)
            self._take(line, ear.hear(source.read(at, frames)))
            at += frames
            pieces += 1  # behind the first one, so that the file is there before anything is told
            await (pool.flushed() if pieces % BREATHE_EVERY == 1 else asyncio.sleep(0))
        if not live.machine.ended:
            self._take(line, ear.flush())
            line.heard(("ended", 0, source.head))
        return await live.over

    async def _follow(self, pool: WriterPool) -> dict[str, Any]:
        """A device or a file in real time, through a capture process of our own."""
        async with Captured(spec_of(self._request.line)) as captured:
            lines: dict[str, Line] = {}
            line = self._line(pool, CaptureSounds(captured.control_socket, lines))
            lines[line.id] = line
            listening = Listening(partial(self._take, line), slots=1)
            live = self._start(line, captured.ring)
            listening.start()
            listening.add(0, captured.ring, 0, None)
            try:
                return await live.over
            finally:
                listening.stop()

    def _take(self, line: Line, heard: "Heard") -> None:
        if heard[0] == "snapshot":
            return
        line.heard(heard)
        if heard[0] == "audio" and self._live is not None and line.source is not None:
            level = max(map(level_dbfs, heard[5]))
            self._display.heard(level, self._live.machine.frames / line.source.rate, self._live.state)

    def _line(self, pool: WriterPool, sounds: Sounds) -> Line:
        request, node_id = self._request, node_id_of(socket.gethostname())
        config = Config(node_id=node_id)
        settings = LineSettings(
            id=request.line.id,
            limits=config.limits(request.line, listen=True),
            defaults={},
            cap_s=config.max_length_cap,
            device_grace_s=config.device_grace,
        )
        output = request.output.absolute()
        box = Box(
            node_id=node_id,
            project_id="",
            space_id="",
            journal=Told(self._display),
            pool=pool,
            sounds=sounds,
            place=lambda _id, _first, _suffix: output,
            root=None,
            link=lambda _id, _suffix: output.as_uri(),
            clock_synced=clock.is_synced,
            replace=request.overwrite,
        )
        return Line(settings, box)

    def _start(self, line: Line, source: LineSource) -> LiveRecording:
        """Begin the recording at the line's first frame, and let signals end it."""
        line.attach(source, 0)
        parameters = self._request.parameters
        facts = RecordingFacts(
            node_id=line.box.node_id,
            line=line.id,
            project_id="",
            space_id="",
            call_id=str(uuid.uuid4()),
            control_id=parameters.control_id or str(uuid.uuid4()),
            recording_id=new_recording_id(),
            url=line.box.link("", parameters.format),
            format=parameters.format,
            direction=parameters.direction,
            stereo=parameters.stereo,
        )
        self._live = line.start(Order(facts, parameters, {}), 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop, line, self._live)
        return self._live

    def _stop(self, line: Line, live: LiveRecording) -> None:
        line.take("stop", line.frame_at(time.clock_gettime_ns(time.CLOCK_BOOTTIME)), recording_id=live.id)
