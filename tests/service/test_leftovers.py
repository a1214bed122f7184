"""What an earlier run left on the disk and nobody knows of is taken in, closed and told."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from recorder.bridge.delivery import Outbox
from recorder.contract.ids import new_recording_id
from recorder.contract.links import Links, expiry
from recorder.service import strangers
from recorder.service.journal import StoreJournal
from recorder.service.leftovers import close_leftovers, end_lost_calls
from recorder.store import calls, recordings
from recorder.store import journal as events
from recorder.store.calls import Call
from recorder.store.journal import Event
from recorder.store.recordings import Recording
from recorder.store.store import Store
from recorder.writers.wav import WavWriter
from tests.noise import noise

RATE = 8000
ORDERED = 1_780_000_000


class Disk:
    """A directory of recordings, and the store beside it; `start` is what a service does about them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "recordings"
        self.store_path = folder / "recorder.db"
        self.day = self.root / "2026/05/28"
        self.day.mkdir(parents=True)
        self.links = Links("http://box", b"key", 100.0)
        self.told: list[dict] = []

    def part(self, frames: int, channels: int = 2) -> str:
        name = new_recording_id(ORDERED * 10**9)
        writer = WavWriter(self.day / f"{name}.wav", RATE, channels, 10 * RATE)
        writer.open()
        if frames:
            writer.append(0, noise(frames, channels))
        written = writer.part.read_bytes()
        writer.discard()
        writer.part.write_bytes(written)  # as a kill leaves it: nobody writes it
        return name

    async def start(self, *known: Recording, told: Sequence[Event] = ()) -> dict[str, Recording]:
        def facts_of(name, format_):
            url = self.links.make(name, format_, 1_780_000_100)
            return strangers.facts(name, format_, node_id="box", project_id="p", space_id="", url=url)

        self.told.clear()
        store = await Store.open(self.store_path, print)
        for row in known:
            await store.run(lambda connection, row=row: recordings.add(connection, row))
        for event in told:
            await store.run(partial(events.append, event=event))
        journal = StoreJournal(store, Outbox(store), lambda text: self.told.append(json.loads(text)), mqtt=True)
        settings = {"reason": "interrupted", "clock_synced": lambda: True, "facts_of": facts_of}
        await close_leftovers(store, journal, self.root, (), {}, **settings)
        names = [path.name.partition(".")[0] for path in self.root.rglob("*.*")]
        names += [event["params"]["recording_id"] for event in self.told]
        found = {name: await store.run(lambda c, name=name: recordings.get(c, name)) for name in names}
        await store.close()
        return found


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


async def test_a_part_that_the_catalogue_does_not_know_is_catalogued_and_told(disk):
    name = disk.part(3 * RATE)
    row = (await disk.start())[name]
    (event,) = disk.told
    params = event["params"]
    assert (params["recording_id"], params["recovered"], params["state"]) == (name, True, "finished")
    assert (params["end_reason"], params["duration"], params["line"]) == ("interrupted", 3.0, "unknown")
    assert params["record"]["audio"] == {"format": "wav", "direction": "both", "stereo": True}
    assert params["start_time"] == ORDERED
    assert (row.state, row.rate, row.channels, row.stereo, row.duration) == ("finished", RATE, 2, True, 3.0)
    assert (row.created_at, row.size) == (ORDERED, (disk.day / f"{name}.wav").stat().st_size)
    beside = json.loads((disk.day / f"{name}.json").read_text())
    assert beside["exp"] == expiry(params["url"])
    assert "sig" not in json.dumps(beside)
    await disk.start()
    assert disk.told == []


async def test_an_empty_part_is_told_too_and_goes(disk):
    name = disk.part(0)
    (disk.day / f"{(bare := new_recording_id())}.wav.part").touch()
    await disk.start()
    told = {event["params"]["recording_id"]: event["params"] for event in disk.told}
    assert set(told) == {name, bare}
    for params in told.values():
        assert (params["state"], params["end_reason"], params["recovered"]) == ("error", "interrupted", True)
        assert "url" not in params
    assert list(disk.root.rglob("*.*")) == []


async def test_a_kill_between_taking_in_and_telling_loses_nothing(disk):
    name = disk.part(RATE)
    facts = strangers.nameless(name, "wav")
    row = strangers.stranger(disk.day / f"{name}.wav", facts)  # as it stands before the file is looked at
    (disk.day / f"{name}.wav.part").rename(disk.day / f"{name}.wav")
    await disk.start(row)
    assert [(event["params"]["recording_id"], event["params"]["duration"]) for event in disk.told] == [(name, 1.0)]


@pytest.mark.parametrize(("ended", "stays"), [({"path": "kept"}, True), ({"path": None}, False)])
async def test_a_part_of_one_that_was_told_as_ended_is_told_no_more(disk, ended, stays):
    name = disk.part(RATE)
    row = strangers.stranger(
        disk.day / f"{name}.wav",
        strangers.nameless(name, "wav"),
        state="finished" if stays else "no_input",
    )
    path = str(disk.day / f"{name}.wav") if ended["path"] else None
    await disk.start(Recording(**{**{f: getattr(row, f) for f in row.__dataclass_fields__}, "path": path}))
    assert disk.told == []
    assert [file.name for file in disk.root.rglob("*.*")] == ([f"{name}.wav"] if stays else [])


async def test_a_part_of_one_that_was_told_as_ended_gets_the_sidecar_that_was_lost(disk):
    name = disk.part(RATE)
    row = strangers.stranger(disk.day / f"{name}.wav", strangers.nameless(name, "wav"), state="finished")
    last = {"event_type": "calling.call.record", "params": {"recording_id": name, "state": "finished", "url": "x"}}
    told = [Event(f"{name}-{seq}", name, seq, json.dumps({**last, "event_seq": seq}), 1.0) for seq in (0, 1)]
    await disk.start(row, told=told)
    assert (disk.day / f"{name}.wav").exists()
    assert json.loads((disk.day / f"{name}.json").read_text())["event"] == {
        "event_type": "calling.call.record",
        "params": {"recording_id": name, "state": "finished"},
        "event_seq": 1,
    }


async def test_a_part_of_an_erased_recording_goes(disk):
    name = disk.part(RATE)
    row = strangers.stranger(disk.day / f"{name}.wav", strangers.nameless(name, "wav"), state="finished")
    values = {f: getattr(row, f) for f in row.__dataclass_fields__}
    await disk.start(Recording(**{**values, "erased_at": 1.0, "erased_why": "asked"}))
    assert (disk.told, list(disk.root.rglob("*.*"))) == ([], [])


async def test_a_part_of_another_program_is_left_alone(disk):
    writer = WavWriter(disk.day / "mine.wav", RATE, 1, RATE)
    writer.open()
    writer.append(0, noise(100))
    await disk.start()
    assert disk.told == []
    assert list(disk.root.rglob("*.*")) == [writer.part]


async def test_a_call_of_a_line_that_was_not_picked_up_is_over(tmp_path):
    store = await Store.open(tmp_path / "recorder.db", print)
    for line in ("lost", "found"):
        await store.run(partial(calls.begin, call=Call(line, line, begun_at=1.0)))
    await end_lost_calls(store, {"found"})
    assert [call.line for call in await store.run(calls.live)] == ["found"]
    await store.close()
