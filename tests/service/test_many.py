"""Many short recordings through catalogue and retention: all go, but those that must stay. RECORDER_MANY=10000."""

import asyncio
import os
from functools import partial

from recorder.bridge.catalogue import Catalogue
from recorder.config.load import load
from recorder.contract.ids import new_recording_id
from recorder.service import strangers
from recorder.service.diskroom import DiskRoom
from recorder.service.retention import Retention
from recorder.store import listing, recordings, retention
from recorder.store.listing import Filter
from recorder.store.store import Store
from recorder.writers.writer import Codecs

MANY = int(os.environ.get("RECORDER_MANY", "1000"))
SIZE = 44 + 320
KEPT = 10  # by size; every 100th is held besides
BEGAN = 1_780_000_000


def catalogued(connection, root, number):
    name = new_recording_id((BEGAN + number) * 10**9)
    path = root / f"{number % 30:02}" / f"{name}.wav"
    path.write_bytes(bytes(SIZE))
    path.with_suffix(".json").touch()
    held = 1.0 if number % 100 == 0 else None
    ended = {"state": "finished", "ended_at": BEGAN + number + 0.02, "size": SIZE, "held_at": held}
    recordings.add(connection, strangers.stranger(path, strangers.nameless(name, "wav"), **ended))
    return name


async def test_many_short_recordings_go_the_oldest_first_and_leave_tombstones(tmp_path):
    config_path = tmp_path / "recorder.toml"
    held = len(range(0, MANY, 100))
    text = f'state_dir = "{tmp_path}"\nheadroom_bytes = 0\n[retention]\nmax_bytes = {(held + KEPT) * SIZE}\n'
    config_path.write_text(text)
    config = load(config_path, {})
    for day in range(30):
        (config.recordings_dir / f"{day:02}").mkdir(parents=True)
    store = await Store.open(tmp_path / "recorder.db", print)
    add = partial(catalogued, root=config.recordings_dir)
    names = await asyncio.gather(*(store.run(partial(add, number=number)) for number in range(MANY)))
    sweeping = Retention(config, Catalogue(store), DiskRoom(config, {}, Codecs()))
    assert await sweeping.sweep() == MANY - held - KEPT
    left = await store.run(lambda connection: listing.page(connection, Filter(), limit=MANY))
    assert {each.recording_id for each in left} == {*names[::100], *names[-KEPT:]}
    files = {path.stem for path in config.recordings_dir.rglob("*.*")}
    assert files == {each.recording_id for each in left}
    gone = await store.run(lambda connection: listing.page(connection, Filter(erased=True), limit=MANY))
    assert len(gone) == MANY - held - KEPT
    assert all(each.path is None and each.erased_why == "retention: retention.max_bytes" for each in gone)
    (kept,) = await store.run(retention.groups)
    assert (kept.bytes, kept.held) == ((held + KEPT) * SIZE, held)
    assert await sweeping.sweep() == 0
    await store.close()
