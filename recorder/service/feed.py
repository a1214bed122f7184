"""One line's ring, as it comes and goes: opened when it is there, picked up after a restart, let go when retired."""

import asyncio
import logging
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from recorder._dsp import RingFault, RingReader
from recorder.line.checkpoint import Checkpoint
from recorder.line.inputs import Kind, LineInput
from recorder.line.line import Line
from recorder.service.listening import Listening
from recorder.store import inputs
from recorder.store.errors import StoreError
from recorder.store.slots import StateFile

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2  # for a ring that is not there yet
RUN_UP_S = 5  # heard before the first new frame, so that the detectors know the line's noise


class Feed:
    """Keeps `line` attached to the ring at `path`; `slot` is its number in the audio thread."""

    def __init__(self, slot: int, line: Line, path: Path, state: StateFile, listening: Listening) -> None:
        self.line = line
        self._slot = slot
        self._path = path
        self._state = state
        self._listening = listening
        self._ring: RingReader | None = None
        self._file: object = None  # which file it is
        self._saved = Checkpoint.decode(state.read())
        self._writing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None  # held, so that it is not lost on the way
        self.machines: dict[str, Mapping[str, Any]] = {}  # of a checkpoint that can't be gone on with

    @property
    def number(self) -> int:
        """The line's last input that is in the checkpoint; 0 without one."""
        return 0 if self._saved is None else int(self._saved.line["number"])

    def recordings(self, later: Sequence[inputs.Input]) -> set[str]:
        """The ids of those that `begin` would go on with."""
        found = {recording_of(each.body) for each in later if each.kind == "start"}
        with suppress(LookupError, TypeError):  # of another version
            found |= {recording_of(live) for live in ([] if self._saved is None else self._saved.line["recordings"])}
        return found

    def begin(self, later: Sequence[inputs.Input], failed: Container[str] = ()) -> None:
        """At the start: go on where the last run was, if the ring still has it. `later`: inputs above `number`.

        `failed`: recordings that a fault has ended since, which nothing in the line's audio and inputs would repeat.
        """
        self.line.number = max([self.number, *(entry.number for entry in later)])
        saved, self._saved = self._saved, None
        if saved is None:
            return
        with suppress(LookupError, TypeError):  # of another version
            saved = without(saved, failed)
        later = [each for each in later if each.kind != "start" or recording_of(each.body) not in failed]
        ring = self._ring_of(saved)
        if ring is not None and self._pick_up(ring, saved, later):
            self._ring = ring
            self._listening.add(self._slot, ring, self._heard_from(ring, saved), saved.ear or None)
            log.info("line %s: picked up at frame %d, %d behind", self.line.id, saved.frame, ring.head - saved.frame)
        held = self.line.held()
        with suppress(LookupError, TypeError):  # of another version
            lost = {recording_of(live): live["machine"] for live in saved.line["recordings"]}
            self.machines = {name: machine for name, machine in lost.items() if name not in held}

    def _pick_up(self, ring: RingReader, saved: Checkpoint, later: Sequence[inputs.Input]) -> bool:
        """Whether the line goes on from there; else it begins anew."""
        replayed = [
            LineInput(cast("Kind", entry.kind), entry.frame, entry.number, entry.body)
            for entry in later
            if entry.ring_epoch == ring.epoch
        ]
        try:
            self.line.pick_up(ring, saved.line, replayed)
        except (ValueError, LookupError, TypeError):
            log.exception("line %s: the checkpoint can't be gone on with", self.line.id)
            ring.close()
            return False
        return True

    def _ring_of(self, saved: Checkpoint) -> RingReader | None:
        """The ring that the checkpoint speaks of, if it still has the audio from there on."""
        try:
            self._file, ring = file_at(self._path), RingReader(str(self._path))
        except RingFault as fault:
            log.info("line %s: %s", self.line.id, fault)
            return None
        if not ring.retired and saved.epoch == ring.epoch and ring.oldest <= saved.frame <= ring.head:
            return ring
        ring.close()
        return None

    def _heard_from(self, ring: RingReader, saved: Checkpoint) -> int:
        """Where the ear begins; one of another version starts fresh, with a run-up before the frame."""
        if saved.ear is not None:
            return saved.frame
        return on_the_grid(max(ring.oldest, saved.frame - RUN_UP_S * ring.rate), ring.rate)

    async def run(self) -> None:
        """Open the ring when there is one, and again after it was retired or another took its name; never returns."""
        told = ""
        while True:
            if self._ring is None or self._ring.retired or self._file != file_at(self._path):
                try:
                    self._open()
                    told = ""
                except RingFault as fault:
                    if told != str(fault):
                        log.warning("line %s is down: %s", self.line.id, fault)
                        told = str(fault)
            await asyncio.sleep(LOOK_EVERY_S)

    def _open(self) -> None:
        file, ring = file_at(self._path), RingReader(str(self._path))
        self.let_go()
        self._ring, self._file = ring, file
        first = on_the_grid(max(ring.oldest, ring.head - RUN_UP_S * ring.rate), ring.rate)
        self.line.attach(ring, first)
        self._state.write(Checkpoint(ring.epoch, first, self.line.save(), b"").encode())
        self._listening.add(self._slot, ring, first, None)
        log.info("line %s: %d Hz, %d channel(s), at frame %d", self.line.id, ring.rate, ring.channels, ring.head)

    def let_go(self) -> None:
        """Follow the ring no longer; what lived on it ends."""
        if self._ring is not None:
            self._listening.remove(self._slot)
            self.line.detach()
            self._closing = asyncio.create_task(self._close(self._ring))
            self._ring = None

    async def left(self) -> None:
        """After `let_go`: returns when all that lived on the ring has ended and is told."""
        waiting = [task for task in (self._closing, self._writing) if task is not None]
        if waiting:
            await asyncio.wait(waiting)

    def forget(self) -> None:
        """After `left`, of a line that is taken out: delete its checkpoint. OSError."""
        self._state.remove()

    async def _close(self, ring: RingReader) -> None:
        """Close it once the last audio is out of it."""
        try:
            await self.line.settled()
        except StoreError as error:
            log.warning("line %s: %s", self.line.id, error)
        finally:
            ring.close()

    def checkpoint(self, frame: int, ear: bytes) -> None:
        """Write the line down as it is now, once all that it caused is written; skipped while the last is under way."""
        if self._ring is None or (self._writing is not None and not self._writing.done()):
            return
        checkpoint = Checkpoint(self._ring.epoch, frame, self.line.save(), ear)
        self._writing = asyncio.create_task(self._write(checkpoint, self.line.applied))

    async def _write(self, checkpoint: Checkpoint, number: int) -> None:
        try:
            await self.line.settled()
            self._state.write(checkpoint.encode())
        except (StoreError, OSError) as error:
            log.warning("line %s: no checkpoint, the last one stands: %s", self.line.id, error)
        else:
            self.line.box.journal.forget(self.line.id, number)


def file_at(path: Path) -> tuple[int, int] | None:
    """Which file stands there now; None: none."""
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino


def recording_of(holder: Mapping[str, Any]) -> str:
    """The recording_id of what holds an order."""
    return str(holder["order"]["facts"]["recording_id"])


def without(saved: Checkpoint, recording_ids: Container[str]) -> Checkpoint:
    """The checkpoint as if these had ended before it."""
    left = [live for live in saved.line["recordings"] if recording_of(live) not in recording_ids]
    return replace(saved, line={**saved.line, "recordings": left})


def on_the_grid(frame: int, rate: int) -> int:
    """The next frame at which a 10 ms block begins."""
    return frame + -frame % (rate // 100)
