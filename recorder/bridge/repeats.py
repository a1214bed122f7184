"""Commands that come again: a command_id repeated within the hour does nothing and gets the first answer again.

What is answered is remembered in the transaction that journals what the command did, so that no kill comes between:
either neither is known, and the repeat is the first, or both, and the repeat is answered. A refusal is remembered too
when it says how things stood (404, 409, 410). One that tells a fault of the command itself (400, 408, 413, 422), or
something that passes (500, 503, 507), is not: then nothing was begun, and the same id may be used for another try.
"""

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recorder.bridge.ledger import Piece
from recorder.contract.faults import Fault, Refused, refused
from recorder.store import commands
from recorder.store.commands import Answered
from recorder.store.store import Store

HOUR_S = 3600.0
MOST_AT_HAND = 10_000  # answers kept in memory beside the store: without a look there a command is carried out at once
LASTING = frozenset({404, 409, 410})
_NOT_COMPARED = frozenset({"command_id", "transaction", "deadline"})  # what may differ in a repeat

Outcome = Mapping[str, Any]  # JSON: {"data": ...}, {"wait_for": recording_id} or {"refused": ..., "faults": ...}


@dataclass(slots=True)
class Memo:
    """The place for the outcome of one command. `kept` is what stands on the disk of it."""

    command_id: str
    body_hash: str
    kept: Answered | None = None

    def piece(self, outcome: Outcome) -> Piece:
        """What writes the outcome down, for the transaction that journals what the command did."""
        answered = Answered(self.command_id, self.body_hash, json.dumps(outcome), time.time())
        return lambda connection: commands.remember(connection, answered), lambda _: self._written(answered)

    def _written(self, answered: Answered) -> None:
        self.kept = answered


class Repeats:
    """The answers of the last hour."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at_hand: OrderedDict[str, Answered] = OrderedDict()
        self._dropped_at = 0.0  # of the youngest that is in the store alone
        self._under_way: dict[str, tuple[str, asyncio.Event]] = {}

    async def load(self) -> None:
        """Take up what an earlier run of the service answered."""
        since = time.time() - HOUR_S
        for answered in await self._store.run(lambda connection: commands.since(connection, since)):
            self._put(answered)

    async def once(
        self, command_id: str, body_hash: str, carry_out: Callable[[Memo], Awaitable[Mapping[str, Any]]]
    ) -> Outcome:
        """Carry the command out, or give the outcome of the first time. Raises Refused: 409 for another body.

        `carry_out` gives the answer's data, having written the memo with what the command did.
        """
        while command_id in self._under_way:
            known_hash, through = self._under_way[command_id]
            compare(known_hash, body_hash)
            await through.wait()
        known = self._at_hand.get(command_id)
        through = asyncio.Event()
        self._under_way[command_id] = (body_hash, through)
        memo = Memo(command_id, body_hash)
        try:
            if known is None and self._dropped_at > time.time() - HOUR_S:
                known = await self._store.run(lambda connection: commands.get(connection, command_id))
            if known is not None and known.at > time.time() - HOUR_S:
                compare(known.body_hash, body_hash)
                return again(known)
            return {"data": await self._first(memo, carry_out)}
        finally:
            if memo.kept is not None:
                self._put(memo.kept)
            del self._under_way[command_id]
            through.set()

    async def _first(self, memo: Memo, carry_out: Callable[[Memo], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
        try:
            return await carry_out(memo)
        except Refused as refusing:
            if refusing.status in LASTING:
                work, then = memo.piece({"refused": refusing.status, "faults": refusing.to_json()["errors"]})
                then(await self._store.run(work))
            raise
        except asyncio.CancelledError:
            self._dropped_at = time.time()  # it may be written yet: ask the store
            raise

    def _put(self, answered: Answered) -> None:
        self._at_hand[answered.command_id] = answered
        self._at_hand.move_to_end(answered.command_id)
        while len(self._at_hand) > MOST_AT_HAND:
            self._dropped_at = self._at_hand.popitem(last=False)[1].at


def body_hash(line_id: str, raw: object) -> str:
    """What two commands must share to be the same one: the line, and the body but for what may differ in a repeat."""
    if isinstance(raw, dict):
        raw = {name: value for name, value in raw.items() if name not in _NOT_COMPARED}
        if isinstance(raw.get("params"), dict):
            raw["params"] = {name: value for name, value in raw["params"].items() if name != "command_id"}
    text = json.dumps([line_id, raw], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def compare(known: str, given: str) -> None:
    """Raise Refused when the id was given to another body."""
    if known != given:
        raise refused(409, "conflict", "command_id", "this command_id came with another command before")


def again(known: Answered) -> Outcome:
    """The outcome as it was kept; a refusal is raised again."""
    outcome: dict[str, Any] = json.loads(known.answer)
    if "refused" in outcome:
        faults = [Fault(**{**each, "status": int(each["status"])}) for each in outcome["faults"]]
        raise Refused(outcome["refused"], faults)
    return outcome
