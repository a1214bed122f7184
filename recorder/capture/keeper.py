"""Keeps one child alive for the sources it holds, and parts with those that would take the others down."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recorder._dsp import RingFault, RingReader
from recorder.capture.children import ChildProcess
from recorder.capture.jobs import CaptureJob, Opening
from recorder.capture.spec import Cause, Site, Source
from recorder.capture.watch import Collapses, Post, crashed, silent_in_crash, stuck

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.1
LATE_S = 0.5  # we ourselves stood still: what the clocks say of others counts for nothing
PROBE_EVERY_S = 1.0
QUICK_S = 1.0  # a child that lives shorter, and fed nothing, is started again only after a delay
QUICK_DELAY_S = 0.1
CLEAN_S = 60.0  # after this long a source in quarantine is counted healthy


def boottime_ns() -> int:
    """The clock of anchors and heartbeats."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Shop:
    """What all keepers share."""

    opening: asyncio.Lock  # one child at a time opens devices: they would find each other's in use
    # Give a source a keeper of its own: the source, why frames will be missing, why it can't be opened ("": it may be).
    part: Callable[[Source, Cause, str], None]


class Keeper:
    """Sources that share a child. All begin in one; what fails gets a keeper of its own: its quarantine.

    A device that can't be opened is tried once a second by a new child, which is thrown away if it fails again: only
    a new process sees a card that was plugged in. Where it can be opened, that child goes on with it.
    """

    def __init__(self, number: int, sources: list[Source], site: Site, shop: Shop) -> None:
        self.number = number
        self.sources = sources
        self.error: dict[str, str] = {}  # why a source is down
        self.posts: dict[str, Post] = {}
        self.child: ChildProcess | None = None
        self.started_ns = boottime_ns()
        self.cause: dict[str, Cause] = {source.key: "restart" for source in sources}
        self._site = site
        self._config = site.directory / f"alsa-{number}.conf"
        self._opening, self._part = shop.opening, shop.part
        self._collapses = Collapses()
        self._readers: dict[str, RingReader] = {}
        self._settled = asyncio.Event()
        self._fed = False  # whether a source came up in the present child

    @property
    def quarantined(self) -> bool:
        """Whether its source was parted from the others and has not been clean for long enough since."""
        return self.number > 0 and boottime_ns() - self.started_ns < CLEAN_S * 1e9

    def status(self, key: str) -> dict[str, Any]:
        """State, child and counters of one of its sources, and why it is down."""
        post = self.posts.get(key)
        return {
            "state": "up" if post is not None and post.state == "up" else "down",
            "child": self.child.pid if self.child else None,
            "quarantined": self.quarantined,
            **(post.counters if post is not None else {}),
            **({"error": self.error[key]} if key in self.error else {}),
        }

    async def keep(self) -> None:
        """Run children until no source is left."""
        quick = 0  # children in a row that lived short and fed nothing
        while self.sources:
            if self.error:
                await asyncio.sleep(PROBE_EVERY_S)
            elif quick:
                await asyncio.sleep(min(PROBE_EVERY_S, QUICK_DELAY_S * quick))
            began, self._fed = time.monotonic(), False
            try:
                self._after(await self._one_child())
            except OSError:
                log.exception("no capture child can be started")
            quick = quick + 1 if not self._fed and time.monotonic() - began < QUICK_S else 0
        self._config.unlink(missing_ok=True)

    async def _one_child(self) -> int | None:
        """Start a child, watch it and see it end; its exit status."""
        self._settled.clear()
        tasks: set[asyncio.Task[None]] = set()
        status = None
        try:
            async with self._opening:
                self.child = await ChildProcess.start("recorder.capture.child")
                self._begin(self.child)
                tasks = {asyncio.create_task(self._hear(self.child)), asyncio.create_task(self._watch(self.child))}
                for task in tasks:
                    task.add_done_callback(lambda _: self._settled.set())
                await self._settled.wait()
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # neither is to fail
        finally:
            for task in tasks:
                task.cancel()
            if self.child is not None:
                self.child.kill()
                self._look(late=False)
                status = await self.child.gone()
            self._forget()
        return status

    def _begin(self, child: ChildProcess) -> None:
        now_ns = self.started_ns = boottime_ns()
        self.posts = {source.key: Post(source, now_ns) for source in self.sources}
        aliases = {key: f"recorder_in_{index}" for index, key in enumerate(self.posts)}
        openings = [Opening(source, aliases[source.key], self.cause[source.key]) for source in self.sources]
        devices = {aliases[source.key]: source.spec.target for source in self.sources if not source.spec.is_file}
        child.give(CaptureJob(self._site, tuple(openings)).to_json(), self._site.log_level, self._config, devices)

    async def _hear(self, child: ChildProcess) -> None:
        async for message in child.messages():
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        """One message of the child's, as child.py lists them."""
        now_ns = boottime_ns()
        for word, value in message.items():
            if word != "counters" and value not in self.posts:
                continue  # released meanwhile
            match word:
                case "opening":
                    for post in self.posts.values():
                        post.since_ns = now_ns if post.state == "waiting" else post.since_ns
                    self._state(value, "opening", now_ns)
                case "up":
                    self._state(value, "up", now_ns)
                    self._fed = True
                    self.error.pop(value, None)
                    log.info("line %s: up", value)
                case "ended":
                    self._state(value, "ended", now_ns)
                    self.sources = [source for source in self.sources if source.key != value]
                    log.info("line %s: its file has ended", value)
                case "down" | "lost":
                    self._fell(value, message.get("error", ""), lost=word == "lost")
                case "counters":
                    for key, counters in value.items():
                        if key in self.posts:
                            self.posts[key].counters = counters
        if all(post.state not in ("waiting", "opening") for post in self.posts.values()):
            self._settled.set()

    def _state(self, key: str, state: Any, now_ns: int) -> None:
        self.posts[key].state, self.posts[key].since_ns = state, now_ns

    def _fell(self, key: str, why: str, *, lost: bool) -> None:
        """A source is not fed any more by this child, which goes on with the others."""
        source = self.posts.pop(key).source
        if self.error.get(key) != why:
            log.warning("line %s: %s: %s: %s", key, source.spec.device, "lost" if lost else "can't be opened", why)
        self.cause[key] = "device"
        if len(self.sources) > 1:
            self._give_away(source, "" if lost else why)
        elif not lost:
            self.error[key] = why

    def _give_away(self, source: Source, why: str = "") -> None:
        self.sources = [kept for kept in self.sources if kept is not source]
        self.posts.pop(source.key, None)
        self._part(source, self.cause[source.key], why)

    async def _watch(self, child: ChildProcess) -> None:
        """Kill the child when a source of it stands still."""
        looked = time.monotonic()
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            late, looked = time.monotonic() - looked > LATE_S, time.monotonic()
            self._look(late=late)
            if not late and (blamed := stuck(self.posts.values(), boottime_ns())):
                self._blame(blamed)
                child.kill()
                return

    def _look(self, *, late: bool) -> None:
        now_ns = boottime_ns()
        for key, post in self.posts.items():
            if post.state != "up":
                continue
            try:
                if key not in self._readers:
                    self._readers[key] = RingReader(self._site.ring_path(key))
                post.heartbeat_ns = self._readers[key].heartbeat_ns
                if post.heartbeat_ns >= post.since_ns:
                    self.cause[key] = "restart"
            except RingFault as fault:
                log.warning("line %s: %s", key, fault)
            if late:
                post.since_ns = max(post.since_ns, now_ns)

    def _blame(self, sources: list[Source]) -> None:
        for source in sources:
            log.warning(
                "line %s: %s gave no frames: it gets a process of its own if it shared one",
                source.key,
                source.spec.device,
            )
            self.cause[source.key] = "device"
        alive = [post for post in self.posts.values() if post.state != "ended"]
        if len(sources) < len(alive) or self._collapses.split(boottime_ns()):
            for source in sources if len(self.sources) > len(sources) else sources[1:]:
                self._give_away(source)

    def _after(self, status: int | None) -> None:
        """A child ended. What crashes twice in a minute with nobody to blame is split."""
        if self.sources and not self.error and crashed(status):
            log.error("the capture child of %s crashed (status %s)", ", ".join(s.key for s in self.sources), status)
            if blamed := silent_in_crash(self.posts.values(), boottime_ns()):
                self._blame(blamed)
            elif self._collapses.split(boottime_ns()):
                for source in self.sources[1:]:
                    self._give_away(source)

    def release(self, source: Source) -> None:
        """Let go of a source for good; the child that holds it goes on with the others."""
        self.sources = [kept for kept in self.sources if kept is not source]
        self.posts.pop(source.key, None)
        self.error.pop(source.key, None)
        if self.child is not None:
            if self.sources:
                self.child.send(drop=source.key)
            else:
                self.child.kill()

    def _forget(self) -> None:
        self.child = None
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
