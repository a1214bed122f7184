"""The HTTP door: two listeners before one application."""

import asyncio
import logging
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from recorder.bridge.catalogue import Catalogue
from recorder.bridge.delivery import Outbox
from recorder.bridge.desk import Desk
from recorder.bridge.http.addresses import names_of
from recorder.bridge.http.app import make_app
from recorder.bridge.http.audio import Audio
from recorder.bridge.http.calling import Calling
from recorder.bridge.http.commands import Commands
from recorder.bridge.http.connections import Admission, Connection
from recorder.bridge.http.deliveries import Deliveries
from recorder.bridge.http.events import Events
from recorder.bridge.http.health import Health
from recorder.bridge.http.metrics import Metrics
from recorder.bridge.http.page import Page
from recorder.bridge.http.probes import Probes
from recorder.bridge.http.recordings import Recordings
from recorder.bridge.http.routes import Route
from recorder.bridge.http.stored import Stored
from recorder.bridge.http.tokens import FailedLogins, Grant, Tokens
from recorder.bridge.http.tracks import Tracks
from recorder.bridge.pictures import Disk
from recorder.bridge.readiness import Readiness
from recorder.bridge.told import Bell
from recorder.config.listening import place
from recorder.config.model import Config
from recorder.contract.links import Links
from recorder.line.line import Line
from recorder.store.store import Store

log = logging.getLogger(__name__)

STOP_S = 2.0  # for what is being answered
RENEWAL_LOOK_S = 3600.0
BACKLOG = 256


@dataclass(frozen=True, slots=True)
class Backstage:
    """What the door leads to."""

    desk: Desk
    lines: Mapping[str, Line]
    store: Store
    outbox: Outbox
    links: Links
    project_id: str
    readiness: Readiness
    catalogue: Catalogue
    disk: Disk


class HttpDoor:
    """Serves the API while the service runs."""

    def __init__(self, config: Config, behind: Backstage) -> None:
        self._config = config
        self._bell = Bell()
        self._admission = Admission()
        self._metrics = Metrics(behind.lines, behind.disk, behind.outbox)
        self._events = Events(behind.store, behind.lines, self._bell)
        failures = FailedLogins()
        self._metrics.watch(self._admission, failures)
        self._catalogue = behind.catalogue
        audio = Audio(self._catalogue, behind.links)
        self._tokens = tokens = Tokens(behind.project_id, secrets_of(config))
        app = make_app(
            self._routes(behind, audio),
            audio=audio,
            tokens=tokens,
            plain_http=config.plain_http,
            failures=failures,
            observe=self._metrics.answered,
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_S)
        self._servers: list[asyncio.Server] = []
        self._context: ssl.SSLContext | None = None  # of HTTPS, where that listens
        self._renewing: asyncio.Task[None] | None = None

    def _routes(self, behind: Backstage, audio: Audio) -> Sequence[Route]:
        subjects = (
            Commands(behind.desk, behind.lines),
            Calling(behind.desk, behind.lines, behind.store, behind.project_id),
            Stored(self._catalogue),
            Recordings(self._catalogue, behind.lines),
            Health(self._config.node_id, behind.lines, behind.disk, behind.readiness, behind.outbox),
            Tracks(self._catalogue),
            Deliveries(behind.outbox),
            audio,
            self._events,
            Probes(behind.readiness),
            self._metrics,
            Page(),
        )
        return [route for subject in subjects for route in subject.routes()]

    async def start(self) -> None:
        """Listen. OSError: an address can't be had, or a certificate can't be read or written."""
        await self._catalogue.finish_erasing()
        self._events.start()
        await self._runner.setup()
        self._context = context = await self._tls() if place(self._config.https_listen) else None
        try:
            await self._listen(self._config.http_listen, None)
            await self._listen(self._config.https_listen, context)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Take no more requests, and end what goes on for ever."""
        if self._renewing is not None:
            self._renewing.cancel()
        for server in self._servers:
            server.close()
        self._events.stop()
        await self._runner.cleanup()

    def check(self, config: Config) -> None:
        """OSError: `reload` could not take its certificate."""
        if self._context is not None and config.https_cert is not None:
            load_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), config)

    def reload(self, config: Config) -> None:
        """Take its tokens and its certificate, for every connection from now on. OSError as `check`."""
        had_own, self._config = self._config.https_cert is None, config
        self._tokens.replace(secrets_of(config))
        if self._context is None:
            return
        if config.https_cert is not None:
            load_certificate(self._context, config)
            if self._renewing is not None:
                self._renewing.cancel()
        elif not had_own:
            self._begin_renewing(self._context, at_once=True)

    def told(self, event_text: str) -> None:
        """An event was told."""
        self._metrics.told(event_text)
        self._bell.ring()

    def troubled(self, event_text: str) -> None:
        """A line's trouble began, or is over."""
        self._metrics.troubled(event_text)
        self._events.troubled(event_text)

    async def _listen(self, listen: str, context: ssl.SSLContext | None) -> None:
        at = place(listen)
        if at is None:
            return
        loop, server = asyncio.get_running_loop(), self._runner.server
        assert server is not None
        self._servers.append(
            await loop.create_server(
                lambda: Connection(server, self._admission, context, loop=loop),
                str(at[0]),
                at[1],
                backlog=BACKLOG,
                reuse_address=True,
            )
        )
        log.info("%s on %s", "HTTPS" if context else "HTTP", listen)

    async def _tls(self) -> ssl.SSLContext:
        """The context of the configured certificate, or of one of our own, which is renewed while we run."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._config.https_cert is not None:
            load_certificate(context, self._config)
            return context
        await self._renew(context, always=True)
        self._begin_renewing(context)
        return context

    def _begin_renewing(self, context: ssl.SSLContext, *, at_once: bool = False) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        self._renewing = asyncio.create_task(self._keep_renewing(context, at_once=at_once))

    async def _keep_renewing(self, context: ssl.SSLContext, *, at_once: bool) -> None:
        if at_once:
            await self._renew(context, always=True)
        while True:
            await asyncio.sleep(RENEWAL_LOOK_S)
            try:
                await self._renew(context)
            except OSError:
                log.exception("the certificate can't be renewed")

    async def _renew(self, context: ssl.SSLContext, *, always: bool = False) -> None:
        from recorder.bridge.http import certificates  # noqa: PLC0415 # because without HTTPS nobody should pay for it

        directory, names = self._config.state_dir / "tls", names_of(self._config)
        files, is_new = await asyncio.to_thread(certificates.ensure, directory, names)
        if is_new:
            log.info("made a certificate for %s; its CA is %s", ", ".join(names), files.ca)
        if is_new or always:
            context.load_cert_chain(files.chain, files.key)


def load_certificate(context: ssl.SSLContext, config: Config) -> None:
    """The configured certificate. OSError names the files."""
    assert config.https_cert is not None
    try:
        context.load_cert_chain(config.https_cert, config.https_key)
    except OSError as error:  # ssl.SSLError is one, and names none
        raise OSError(f"{config.https_cert}, {config.https_key}: {error.strerror or error}") from error


def secrets_of(config: Config) -> dict[Grant, str]:
    """All tokens, by whom they prove."""
    named = {Grant(each.name, each.read_only): each.token for each in config.tokens.values()}
    return {Grant(): config.token, **named}
