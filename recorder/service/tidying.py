"""What is forgotten by and by: deliveries nobody could make, events told long ago, answers of an hour ago."""

import asyncio
import logging
import time

from recorder.bridge.delivery import Outbox
from recorder.store import commands
from recorder.store.store import Store

log = logging.getLogger(__name__)

EVERY_S = 600.0
ANSWERS_S = 3600.0  # as long a repeated command_id is known


async def tidy(store: Store, outbox: Outbox) -> None:
    """Tidy up now and every ten minutes; never returns."""
    while True:
        try:
            await outbox.tidy()
            await store.run(lambda connection: commands.prune(connection, time.time() - ANSWERS_S))
        except Exception:
            log.exception("tidying up failed")
        await asyncio.sleep(EVERY_S)
