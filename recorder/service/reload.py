"""SIGHUP: the configuration is read anew; what may change under way changes, and the rest is named."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from recorder.config.faults import ConfigRefused
from recorder.config.model import Config
from recorder.config.reloading import taken
from recorder.service.doors import Doors
from recorder.service.roster import Roster
from recorder.systemd.notify import Manager

log = logging.getLogger(__name__)

Reread = Callable[[], Config]


class Reload:
    """Takes over a new configuration. `remark` says in a few words what came of the last one, "" if all was well."""

    def __init__(
        self,
        config: Config,
        reread: Reread,
        manager: Manager,
        roster: Roster,
        doors: Doors,
        also: Sequence[Callable[[Config], None]] = (),
    ) -> None:
        """`also`: who else takes the configuration that holds from then on."""
        self.config = config
        self.remark = ""
        self._reread = reread
        self._manager = manager
        self._roster = roster
        self._doors = doors
        self._also = also
        self._turn = asyncio.Lock()

    async def run(self, status: Callable[[], str]) -> None:
        """Reload, one at a time. A configuration with faults, or a certificate that can't be read, changes nothing."""
        async with self._turn:
            self._manager.reloading()
            try:
                await self._take(await asyncio.to_thread(self._reread))
            except ConfigRefused as refused:
                for fault in refused.faults:
                    log.error("reload: %s", fault)  # noqa: TRY400 # because the fault is all there is to say
                self._refuse(f"{len(refused.faults)} fault(s), the first: {refused.faults[0]}")
            except OSError as error:
                self._refuse(str(error))
            except Exception:
                log.exception("reload")
                self._refuse("a fault of the service's own: the log says more")
            self._manager.ready(status())

    async def _take(self, new: Config) -> None:
        effective, waiting = taken(self.config, new)
        self._doors.check(effective)
        old, self.config = self.config, effective
        self._doors.reload(effective)
        for take in self._also:
            take(effective)
        for gone in old.lines.keys() - effective.lines.keys():
            self._roster.take_out(gone)
        for line in effective.lines.values():
            if line.id in old.lines:
                self._roster.change(effective, line)
            else:
                await self._roster.take_in(effective, line)
        self._roster.follow()
        logging.getLogger().setLevel(effective.log_level.upper())
        self.remark = f"restart to change {', '.join(waiting)}" if waiting else ""
        log.log(logging.WARNING if waiting else logging.INFO, "reloaded: %s", self.remark or "all of it holds")

    def _refuse(self, why: str) -> None:
        self.remark = f"reload refused, the old configuration holds: {why}"
        log.error("%s", self.remark)
