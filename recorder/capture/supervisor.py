"""The parent of the capture process: keepers for the sources, the playback child, the control socket.

It touches no audio and no PortAudio, so it can't hang; what can is in its children, which die with it.
"""

import asyncio
import fcntl
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from recorder._dsp import RingFault, RingReader
from recorder.capture import alsaconf, forking
from recorder.capture.beeps import Beeps
from recorder.capture.changes import changes
from recorder.capture.control import Control
from recorder.capture.keeper import Keeper, Shop
from recorder.capture.rings import RingsTooLarge, check_space, remove_strays
from recorder.capture.spec import Cause, LineSpec, Plan, Source, sources_of
from recorder.systemd.notify import Manager
from recorder.systemd.watchdog import keep_alive

log = logging.getLogger(__name__)

TAKE_OVER_S = 1.0


class ReloadRefused(RuntimeError):
    """The new configuration can't be used; the message names its faults."""


Reread = Callable[[], Plan]


class AnotherCapture(RuntimeError):
    """Another capture process has this runtime directory."""


def run(lines: Sequence[LineSpec], runtime_dir: str, ring_seconds: float = 30.0, log_level: str = "INFO") -> int:
    """Capture until SIGTERM or SIGINT; the exit status, 0 after a signal.

    70: a fault of ours; 73: the runtime directory can't be used; 75: another capture process has it; 78: the rings
    don't fit there, or a device's name is none. Everything is down within 1 s of the signal.
    """
    return run_plan(Plan(tuple(lines), runtime_dir, ring_seconds, log_level))


def run_plan(plan: Plan, reread: Reread | None = None) -> int:
    """As `run`. `reread` makes the plan anew at SIGHUP, and says what is wrong with it by a Refused."""
    site = plan.site
    try:
        site.directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        lock = take_lock(site.directory)
        try:
            check_names(plan.lines)
            remove_strays(plan.lines, site)
            check_space(plan.lines, site)
            return asyncio.run(Supervisor(plan, reread or (lambda: plan)).run())
        finally:
            os.close(lock)
    except (RingsTooLarge, alsaconf.NameFault) as fault:
        log.error("%s", fault)  # noqa: TRY400 # because the message is all there is to say
        return os.EX_CONFIG
    except AnotherCapture as fault:
        log.error("%s", fault)  # noqa: TRY400 # because the message is all there is to say
        return os.EX_TEMPFAIL
    except OSError as fault:
        log.error("%s: %s", site.directory, fault)  # noqa: TRY400 # because the message is all there is to say
        return os.EX_CANTCREAT


def check_names(lines: Sequence[LineSpec]) -> None:
    """Raise NameFault for an ALSA name that can't be one."""
    for line in lines:
        for name in ("" if line.is_file else line.target, (line.playback or "").removeprefix("alsa:")):
            if name:
                alsaconf.alias(line.id, name)


def take_lock(directory: Path) -> int:
    """A descriptor that holds the directory's lock. Raise AnotherCapture; waits up to 1 s for one that was killed."""
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    deadline = time.monotonic() + TAKE_OVER_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise AnotherCapture(f"another capture process works in {directory}") from None
            time.sleep(0.01)  # because a file lock without waiting for ever is polled
        else:
            return lock


class Supervisor:
    """What runs between start and stop."""

    def __init__(self, plan: Plan, reread: Reread) -> None:
        self._plan = plan
        self._reread = reread
        self._manager = Manager.of(os.environ)
        self._remark = ""
        self._lines = {line.id: line for line in plan.lines}
        self._sources = sources_of(plan.lines)
        self._site = plan.site
        self._shop = Shop(asyncio.Lock(), self._part)
        self._keepers: list[Keeper] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self._failed = False
        self._beeps = Beeps(plan.lines, plan.site, self._shop.opening)

    async def run(self) -> int:
        """Until SIGTERM or SIGINT; the exit status."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
        forking.prepare()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        control_path = self._site.directory / "control.sock"
        try:
            async with Control(control_path, self._lines, self._beeps, self.status):
                self._keep([*self._sources])
                self._task(self._beeps.keep())
                loop.add_signal_handler(signal.SIGHUP, self._reload)
                self._manager.ready(self._in_short())
                self._task(keep_alive(self._manager, lambda: True, self._in_short))
                await self._stop.wait()
                self._manager.stopping()
                log.info("stopping")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for config in self._site.directory.glob("alsa-*.conf"):
                config.unlink(missing_ok=True)
        return os.EX_SOFTWARE if self._failed else os.EX_OK

    def _task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that fails would leave its lines alone for ever: stop, and be started anew."""
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.critical("capture fails", exc_info=fault)
            self._failed = True
            self._stop.set()

    def _keep(self, sources: list[Source], cause: Cause = "restart", why: str = "") -> None:
        keeper = Keeper(len(self._keepers), sources, self._site, self._shop)
        for source in sources:
            keeper.cause[source.key] = cause
            if why:
                keeper.error[source.key] = why
        self._keepers.append(keeper)
        self._task(keeper.keep())

    def _part(self, source: Source, cause: Cause, why: str) -> None:
        self._keep([source], cause, why)

    def _reload(self) -> None:
        """SIGHUP: take lines in and out; a plan with faults changes nothing."""
        self._manager.reloading()
        try:
            plan = self._reread()
            check_names(plan.lines)
            check_space(plan.lines, self._site)
        except (ReloadRefused, RingsTooLarge, alsaconf.NameFault) as fault:
            self._remark = f"; reload refused, the old configuration holds: {fault}"
            log.error("reload refused, the old configuration holds: %s", fault)  # noqa: TRY400 # because the message is all there is to say
        else:
            self._take(plan)
        self._manager.ready(self._in_short())

    def _take(self, plan: Plan) -> None:
        found = changes(self._sources, plan.lines)
        waiting = [*found.waiting]
        if (plan.ring_seconds, plan.runtime_dir) != (self._plan.ring_seconds, self._plan.runtime_dir):
            waiting.append(("ring_seconds or runtime_dir", "the rings would begin anew"))
        self._remark = f"; restart to change {', '.join(name for name, _ in waiting)}" if waiting else ""
        for name, why in waiting:
            log.warning("reload: %s waits for a restart: %s", name, why)
        logging.getLogger().setLevel(plan.log_level)
        late = {name for name, _ in found.waiting}
        self._lines.clear()
        self._lines.update((line.id, line) for line in plan.lines if line.id not in late)
        for source in found.gone:
            self._release(source)
        self._sources = [*self._sources, *found.come]
        for source in found.come:
            self._keep([source])
        self._beeps.reload(self._lines.values())
        log.info("reloaded: %d line(s)", len(self._lines))

    def _release(self, source: Source) -> None:
        self._sources.remove(source)
        for keeper in self._keepers:
            if source in keeper.sources:
                keeper.release(source)
        for line in source.lines:
            if line.id not in self._lines:
                self._site.ring_path(line.id).unlink(missing_ok=True)

    def _in_short(self) -> str:
        """What `systemctl status` shows."""
        states = [each["state"] for each in self.status()["lines"].values()]
        return f"{states.count('up')} of {len(states)} lines up{self._remark}"

    def status(self) -> dict[str, Any]:
        """Of each line: state, device, heartbeat age, frames, gaps, overflows, its child."""
        lines = {}
        for source in self._sources:
            keeper = next((each for each in self._keepers if source in each.sources), None)
            for line in source.lines:
                if line.id not in self._lines:
                    continue  # taken out, while its device stays open for others
                lines[line.id] = self._line_status(line, source, keeper)
        return {"lines": lines}

    def _line_status(self, line: LineSpec, source: Source, keeper: Keeper | None) -> dict[str, Any]:
        status: dict[str, Any] = {"device": line.device, "state": "ended"}
        if keeper is not None:
            status |= keeper.status(source.key)
        with suppress(RingFault):
            ring = RingReader(self._site.ring_path(line.id))
            age_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - ring.heartbeat_ns
            status["heartbeat_age_s"] = round(age_ns / 1e9, 3) if ring.heartbeat_ns else None
            status["frames"] = ring.head
            status["gaps"] = max((number for number, *_ in ring.gaps()), default=0)
            ring.close()
        return status
